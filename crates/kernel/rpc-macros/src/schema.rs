use crate::model::{Method, Service};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// What the client can say about its contract: each method with the schemas of its types.
pub(crate) fn generate(service: &Service) -> TokenStream {
    let Service {
        name, shared, ident, ..
    } = service;
    let client = format_ident!("{ident}Client");
    let methods = service
        .methods
        .iter()
        .enumerate()
        .map(|(index, one)| method(index, one));
    quote! {
        impl ::rpc::schema::Described for #client {
            const NAME: &'static str = #name;
            const SHARED: bool = #shared;

            fn describe(__schemas: &mut ::rpc::schema::Schemas) -> ::rpc::schema::ContractSchema {
                ::rpc::schema::ContractSchema::default()
                    #(#methods)*
            }
        }
    }
}

fn method(index: usize, method: &Method) -> TokenStream {
    let name = method.ident.to_string();
    let (sent, error) = (method.sent(), &method.error);
    let streamed = method.item.as_ref().map(|_| quote!(.streamed()));
    let arguments = method.arguments.iter().map(|argument| {
        let (name, kind) = (argument.ident.to_string(), &argument.kind);
        quote!(.argument::<#kind>(#name, __schemas))
    });
    quote! {
        .method(
            #name,
            ::rpc::schema::MethodSchema::new::<#sent, #error>(&Self::METHODS[#index], __schemas)
                #(#arguments)*
                #streamed
        )
    }
}
