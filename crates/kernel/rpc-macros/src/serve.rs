use crate::{
    arguments, client,
    model::{Method, Service},
};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

fn served(service: &Service) -> Ident {
    format_ident!("__{}Served", service.ident)
}

/// The function of the client that makes the `Dispatch`.
pub(crate) fn constructor(service: &Service) -> TokenStream {
    let ident = &service.ident;
    let served = served(service);
    let (parameter, name) = client::named(service);
    quote! {
        /// Answers callers in other processes with `service`. The context is taken as the caller sent it.
        pub fn serve(
            seam: &::rpc::Seam #parameter, service: ::std::sync::Arc<dyn #ident>
        ) -> ::std::sync::Arc<dyn ::rpc::Dispatch> {
            let handle = ::rpc::macro_support::Handle::served(seam, #name, Self::METHODS, service);
            ::std::sync::Arc::new(#served(Self(::std::sync::Arc::new(handle))))
        }
    }
}

/// Bytes in, bytes out: a client for callers in other processes behind a match over the names of the methods.
pub(crate) fn generate(service: &Service) -> TokenStream {
    let client = format_ident!("{}Client", service.ident);
    let served = served(service);
    let methods = service.methods.iter().map(|one| method(service, one));
    // All errors of a contract have a place for this; which of them stands here matters only to a caller that guesses.
    let error = service.methods.first().map(|first| &first.error);
    let error = error.map_or_else(|| quote!(::rpc::macro_support::CallError), |error| quote!(#error));
    quote! {
        struct #served(#client);

        #[::rpc::async_trait]
        impl ::rpc::Dispatch for #served {
            fn contract(&self) -> &str {
                self.0.contract()
            }

            async fn dispatch(
                &self,
                __cx: ::rpc::macro_support::CallContext,
                __call: ::rpc::IncomingCall,
            ) -> ::rpc::Reply {
                match __call.method.as_str() {
                    #(#methods)*
                    __unknown => ::rpc::macro_support::not_offered::<#error>(self.contract(), __unknown),
                }
            }
        }
    }
}

fn method(service: &Service, method: &Method) -> TokenStream {
    let (ident, answer, error) = (&method.ident, &method.answer, &method.error);
    let name = ident.to_string();
    let arguments_type = arguments::ident(service, method);
    let arguments = arguments::whole(service, method);
    let names: Vec<_> = method.inputs().map(|input| &input.ident).collect();
    let key = method.key.as_ref().map(|key| {
        let key = &key.ident;
        quote!(let #key = ::rpc::macro_support::key(&__call)?;)
    });
    let reply = match method.item {
        Some(_) => quote!(::rpc::macro_support::stream_reply(self.0.0.tasks(), __answer)),
        None => quote!(::rpc::macro_support::reply(__answer)),
    };
    quote! {
        #name => {
            let __answer: ::core::result::Result<#answer, #error> = async {
                let #arguments =
                    ::rpc::macro_support::arguments::<#arguments_type>(&__call.arguments)?;
                #key
                self.0.#ident(&__cx #(, #names)*).await
            }
            .await;
            #reply
        }
    }
}
