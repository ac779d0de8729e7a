use crate::model::{Method, Service};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// A stub for tests: each method is a closure or answers `DependencyUnavailable`.
pub(crate) fn generate(service: &Service) -> TokenStream {
    let Service {
        name,
        visibility,
        ident,
        ..
    } = service;
    let stub = format_ident!("{ident}Stub");
    let client = format_ident!("{ident}Client");
    let fields = service.methods.iter().map(field);
    let setters = service.methods.iter().map(setter);
    let methods = service.methods.iter().map(method);
    let (group_parameter, group) = match service.shared {
        true => (quote!(, group: &str), quote!(, group)),
        false => (quote!(), quote!()),
    };
    let debug_name = stub.to_string();
    let doc = format!("Stands in for `{name}` in tests: what is not set answers `DependencyUnavailable`.");
    quote! {
        #[doc = #doc]
        #[derive(::core::default::Default)]
        #visibility struct #stub {
            #(#fields,)*
        }

        impl #stub {
            #(#setters)*

            /// A client that is bound to this stub.
            pub fn into_client(self, seam: &::rpc::Seam #group_parameter) -> #client {
                let client = #client::unbound(seam #group);
                client.bind_local(::std::sync::Arc::new(self));
                client
            }
        }

        impl ::core::fmt::Debug for #stub {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(#debug_name)
            }
        }

        #[::rpc::async_trait]
        impl #ident for #stub {
            #(#methods)*
        }
    }
}

fn kinds(method: &Method) -> Vec<&syn::Type> {
    method.inputs().map(|input| &input.kind).collect()
}

fn answer(method: &Method) -> TokenStream {
    let (answer, error) = (&method.answer, &method.error);
    quote!(::core::result::Result<#answer, #error>)
}

fn field(method: &Method) -> TokenStream {
    let ident = &method.ident;
    let kinds = kinds(method);
    let (answer, error) = (&method.answer, &method.error);
    quote! {
        #ident: ::core::option::Option<::std::boxed::Box<
            dyn Fn(::rpc::macro_support::CallContext #(, #kinds)*)
                -> ::rpc::macro_support::Answer<'static, #answer, #error>
                + ::core::marker::Send + ::core::marker::Sync
        >>
    }
}

fn setter(method: &Method) -> TokenStream {
    let ident = &method.ident;
    let setter = format_ident!("on_{ident}");
    let kinds = kinds(method);
    let names: Vec<Ident> = method.inputs().map(|input| input.ident.clone()).collect();
    let answer = answer(method);
    let doc = format!("From now on `{ident}` answers what `answer` does.");
    quote! {
        #[doc = #doc]
        pub fn #setter<__F, __A>(mut self, answer: __F) -> Self
        where
            __F: Fn(::rpc::macro_support::CallContext #(, #kinds)*) -> __A
                + ::core::marker::Send + ::core::marker::Sync + 'static,
            __A: ::core::future::Future<Output = #answer> + ::core::marker::Send + 'static,
        {
            self.#ident = ::core::option::Option::Some(::std::boxed::Box::new(move |__cx #(, #names)*| {
                ::std::boxed::Box::pin(answer(__cx #(, #names)*))
            }));
            self
        }
    }
}

fn method(method: &Method) -> TokenStream {
    let ident = &method.ident;
    let answer = answer(method);
    let names: Vec<Ident> = method.inputs().map(|input| input.ident.clone()).collect();
    let kinds = kinds(method);
    let missing = format!("{ident} (not set in the stub)");
    quote! {
        async fn #ident(
            &self,
            __cx: &::rpc::macro_support::CallContext
            #(, #names: #kinds)*
        ) -> #answer {
            match &self.#ident {
                ::core::option::Option::Some(answer) => answer(__cx.clone() #(, #names)*).await,
                ::core::option::Option::None => ::core::result::Result::Err(
                    ::rpc::macro_support::CallError::DependencyUnavailable {
                        target: ::std::string::String::from(#missing),
                    }
                    .into(),
                ),
            }
        }
    }
}
