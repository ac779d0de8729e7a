use crate::model::{Method, Service};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// The arguments of each method as they cross the wire: a JSON object with a member for each, by name.
pub(crate) fn generate(service: &Service) -> TokenStream {
    let structs = service.methods.iter().map(|method| one(service, method));
    quote!(#(#structs)*)
}

/// The name of the type.
pub(crate) fn ident(service: &Service, method: &Method) -> Ident {
    format_ident!("__{}_{}_arguments", service.ident, method.ident)
}

/// The value made of the arguments, or the pattern that takes it apart.
pub(crate) fn whole(service: &Service, method: &Method) -> TokenStream {
    let ident = ident(service, method);
    let names = method.arguments.iter().map(|argument| &argument.ident);
    quote!(#ident { #(#names),* })
}

fn one(service: &Service, method: &Method) -> TokenStream {
    let ident = ident(service, method);
    let fields = method.arguments.iter().map(|argument| {
        let (name, kind) = (&argument.ident, &argument.kind);
        quote!(#name: #kind)
    });
    quote! {
        #[derive(::rpc::macro_support::serde::Serialize, ::rpc::macro_support::serde::Deserialize)]
        #[serde(crate = "::rpc::macro_support::serde")]
        #[allow(non_camel_case_types)]
        struct #ident { #(#fields),* }
    }
}
