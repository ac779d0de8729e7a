use crate::model::Service;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// What the client has in common with the clients of all other contracts.
pub(crate) fn generate(service: &Service) -> TokenStream {
    let ident = &service.ident;
    let client = format_ident!("{ident}Client");
    let group = match service.shared {
        true => quote!(self.group(),),
        false => quote!(),
    };
    quote! {
        impl ::rpc::Client for #client {
            type Service = dyn #ident;

            fn contract(&self) -> &str {
                self.0.contract()
            }

            fn group(&self) -> &str {
                self.0.group()
            }

            fn bind_local(&self, service: ::std::sync::Arc<dyn #ident>) {
                self.0.bind_local(service);
            }

            fn bind_remote(&self, remote: ::std::sync::Arc<::rpc::Remote>) {
                self.0.bind_remote(remote);
            }

            fn bind_split(
                &self,
                service: ::std::sync::Arc<dyn #ident>,
                remote: ::std::sync::Arc<::rpc::Remote>,
                percent: u8,
            ) {
                self.0.bind_split(service, remote, percent);
            }

            fn unbind(&self) {
                self.0.unbind();
            }

            fn dispatch(
                &self,
                seam: &::rpc::Seam,
                service: ::std::sync::Arc<dyn #ident>,
            ) -> ::std::sync::Arc<dyn ::rpc::Dispatch> {
                #client::serve(seam, #group service)
            }
        }
    }
}
