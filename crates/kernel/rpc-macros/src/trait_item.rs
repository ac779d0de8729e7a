use crate::model::{Method, Service};
use proc_macro2::TokenStream;
use quote::quote;

/// The trait itself, object-safe.
pub(crate) fn generate(service: &Service) -> TokenStream {
    let Service {
        visibility,
        ident,
        attributes,
        ..
    } = service;
    let methods = service.methods.iter().map(method);
    quote! {
        #(#attributes)*
        #[::rpc::async_trait]
        #visibility trait #ident: ::core::marker::Send + ::core::marker::Sync + 'static {
            #(#methods)*
        }
    }
}

fn method(method: &Method) -> TokenStream {
    let Method {
        ident,
        attributes,
        answer,
        error,
        ..
    } = method;
    let parameters = method.parameters();
    quote! {
        #(#attributes)*
        async fn #ident(
            &self, #parameters
        ) -> ::core::result::Result<#answer, #error>;
    }
}
