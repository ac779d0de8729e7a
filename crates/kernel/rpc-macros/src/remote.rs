use crate::{
    arguments,
    model::{Method, Mode, Service},
};
use proc_macro2::TokenStream;
use quote::quote;

/// How a client is bound to another process.
pub(crate) fn bindings(service: &Service) -> TokenStream {
    let ident = &service.ident;
    quote! {
        /// From now on calls go to another process.
        pub fn bind_remote(&self, remote: ::std::sync::Arc<::rpc::Remote>) {
            self.0.bind_remote(remote);
        }

        /// From now on the calls of `percent` of a hundred callers go to another process and those of all others to
        /// `service`, in this one. A caller (a user of a firm, or a firm) always goes the same way.
        pub fn bind_split(
            &self,
            service: ::std::sync::Arc<dyn #ident>,
            remote: ::std::sync::Arc<::rpc::Remote>,
            percent: u8,
        ) {
            self.0.bind_split(service, remote, percent);
        }
    }
}

/// The call of another process. A read is dropped with its caller; an effect is sent to its end.
pub(crate) fn call(service: &Service, index: usize, method: &Method) -> TokenStream {
    let arguments = arguments::whole(service, method);
    let key = match &method.key {
        Some(key) => {
            let key = &key.ident;
            quote!(::core::option::Option::Some(#key))
        }
        None => quote!(::core::option::Option::None),
    };
    if method.item.is_some() {
        return quote! {{
            let __deadline = __cx.deadline;
            let __answer = __remote.open(#index, __cx, &#arguments);
            __recording.read(__deadline, __answer).await
        }};
    }
    let wait = match method.mode {
        Mode::Read | Mode::Idempotent => quote!(read),
        Mode::Effect => quote!(effect),
    };
    quote! {{
        let __deadline = __cx.deadline;
        let __answer = __remote.ask(#index, __cx, #key, &#arguments);
        __recording.#wait(__deadline, __answer).await
    }}
}
