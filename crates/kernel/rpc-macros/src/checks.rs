use crate::model::{Method, Service};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use std::collections::BTreeMap;
use syn::{Type, spanned::Spanned};

/// Checks, at the place where each type was written, that it can cross the wire and that errors have a place for
/// what goes wrong with any call.
pub(crate) fn generate(service: &Service) -> TokenStream {
    let inputs = service
        .methods
        .iter()
        .flat_map(|method| method.inputs().map(|input| &input.kind));
    let answers = service.methods.iter().map(Method::sent);
    let errors = service.methods.iter().map(|method| &method.error);
    let wire = distinct(inputs.chain(answers))
        .into_iter()
        .map(|kind| quote_spanned!(kind.span()=> ::rpc::macro_support::wire::<#kind>();));
    let errors = distinct(errors)
        .into_iter()
        .map(|kind| quote_spanned!(kind.span()=> ::rpc::macro_support::contract_error::<#kind>();));
    quote! {
        const _: () = {
            #(#wire)*
            #(#errors)*
        };
    }
}

fn distinct<'a>(kinds: impl Iterator<Item = &'a Type>) -> Vec<&'a Type> {
    let by_text: BTreeMap<String, &Type> = kinds
        .map(|kind| (kind.to_token_stream().to_string(), kind))
        .collect();
    by_text.into_values().collect()
}
