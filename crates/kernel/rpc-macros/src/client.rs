use crate::{
    model::{Method, Mode, Service},
    remote, serve,
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The client that callers hold: a switchable handle, and a method for each of the contract's.
pub(crate) fn generate(service: &Service) -> TokenStream {
    let Service {
        name,
        visibility,
        ident,
        ..
    } = service;
    let client = format_ident!("{ident}Client");
    let infos = service.methods.iter().map(info);
    let methods = service
        .methods
        .iter()
        .enumerate()
        .map(|(index, one)| method(service, index, one));
    let doc =
        format!("What callers of `{name}` hold: cheap to clone, all clones are bound and unbound together.");
    let unbound = unbound(service);
    let bindings = remote::bindings(service);
    let serve = serve::constructor(service);
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #visibility struct #client(::std::sync::Arc<::rpc::macro_support::Handle<dyn #ident>>);

        impl #client {
            /// The name of the contract.
            pub const CONTRACT_NAME: &'static str = #name;

            /// What the contract says about its methods, in the order in which they were written.
            pub const METHODS: &'static [::rpc::MethodInfo] = &[#(#infos),*];

            #unbound

            #serve

            /// The name of the contract that this client calls.
            pub fn contract(&self) -> &str {
                self.0.contract()
            }

            /// The group that answers, as in `advisory`.
            pub fn group(&self) -> &str {
                self.0.group()
            }

            /// From now on calls go to `service`, in this process.
            pub fn bind_local(&self, service: ::std::sync::Arc<dyn #ident>) {
                self.0.bind_local(service);
            }

            #bindings

            /// From now on calls are refused as `DependencyUnavailable`; also lets go of the service.
            pub fn unbind(&self) {
                self.0.unbind();
            }

            /// Whether calls lead anywhere.
            pub fn is_bound(&self) -> bool {
                self.0.is_bound()
            }

            #(#methods)*
        }
    }
}

fn unbound(service: &Service) -> TokenStream {
    let (parameter, name) = named(service);
    quote! {
        /// A client that leads nowhere yet.
        pub fn unbound(seam: &::rpc::Seam #parameter) -> Self {
            Self(::std::sync::Arc::new(::rpc::macro_support::Handle::unbound(seam, #name, Self::METHODS)))
        }
    }
}

/// The parameter that says whose contract it is, where that is not fixed, and the contract's whole name.
pub(crate) fn named(service: &Service) -> (TokenStream, TokenStream) {
    match service.shared {
        true => (
            quote!(, group: &str),
            quote!(&::std::format!("{}.{}", group, Self::CONTRACT_NAME)),
        ),
        false => (quote!(), quote!(Self::CONTRACT_NAME)),
    }
}

fn info(method: &Method) -> TokenStream {
    let name = method.ident.to_string();
    let summary = &method.summary;
    let arguments = method.arguments.iter().map(|argument| argument.ident.to_string());
    let mode = match method.mode {
        Mode::Read => quote!(Read),
        Mode::Idempotent => quote!(Idempotent),
        Mode::Effect => quote!(Effect),
    };
    quote! {
        ::rpc::MethodInfo {
            name: #name,
            mode: ::rpc::Mode::#mode,
            summary: #summary,
            arguments: &[#(#arguments),*],
        }
    }
}

fn method(service: &Service, index: usize, method: &Method) -> TokenStream {
    let Method {
        ident,
        attributes,
        context,
        answer,
        error,
        ..
    } = method;
    let parameters = method.parameters();
    let context = &context.ident;
    let local = local_call(service, method);
    let remote = remote::call(service, index, method);
    quote! {
        #(#attributes)*
        pub async fn #ident(
            &self, #parameters
        ) -> ::core::result::Result<#answer, #error> {
            let ::rpc::macro_support::Call { target: __target, cx: __cx, recording: __recording } =
                self.0.begin(#index, #context)?;
            match __target.leads(&__cx.principal) {
                ::rpc::macro_support::Leads::Local(__service) => #local,
                ::rpc::macro_support::Leads::Remote(__remote) => #remote,
            }
        }
    }
}

/// A read borrows what it needs and is dropped with its caller; an effect owns it and outlives its caller.
fn local_call(service: &Service, method: &Method) -> TokenStream {
    let (contract, ident) = (&service.ident, &method.ident);
    let names: Vec<_> = method.inputs().map(|input| &input.ident).collect();
    match method.mode {
        Mode::Read | Mode::Idempotent => quote! {{
            let __answer = #contract::#ident(&**__service, &__cx #(, #names)*);
            __recording.read(__cx.deadline, __answer).await
        }},
        Mode::Effect => quote! {{
            let __service = ::std::sync::Arc::clone(__service);
            let __deadline = __cx.deadline;
            __recording
                .effect(__deadline, async move { #contract::#ident(&*__service, &__cx #(, #names)*).await })
                .await
        }},
    }
}
