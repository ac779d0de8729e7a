//! The attribute macro behind `rpc::service`: reads a trait into one model, and makes everything else from the model.

mod arguments;
mod checks;
mod client;
mod model;
mod parse;
#[cfg(test)]
mod refusals;
mod remote;
mod schema;
mod serve;
mod stub;
mod trait_item;
mod wiring;

use proc_macro::TokenStream;
use quote::quote;

/// Turns a trait into a contract.
///
/// ```ignore
/// #[rpc::service(name = "advisory.clients")]
/// pub trait Clients {
///     /// One client, if the caller may see it.
///     #[rpc(read)]
///     async fn client(&self, cx: &CallContext, id: ClientId) -> Result<Client, AdvisoryError>;
///
///     /// Makes a client of a lead.
///     #[rpc(effect)]
///     async fn convert_lead(&self, cx: &CallContext, key: IdempotencyKey, lead: LeadId) -> Result<Client, AdvisoryError>;
/// }
/// ```
///
/// Beside the trait (object-safe; implement it with `#[rpc::async_trait] impl Clients for …`) it makes
/// `ClientsClient`, which callers hold, whose `serve` makes the [`Dispatch`](../rpc/trait.Dispatch.html) that answers other
/// processes, and `ClientsStub`, for tests. Each method says what calling it means:
/// `read`, `idempotent`, or `effect`, which needs a `key: IdempotencyKey` so that it can be retried.
///
/// A contract that every group offers is `shared`: `#[rpc::service(name = "feed", shared)]` makes a client that is told
/// whose it is, `EventFeedClient::unbound(&seam, "finance")`, and its name is `finance.feed`.
#[proc_macro_attribute]
pub fn service(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match expand(arguments.into(), item.into()) {
        Ok(tokens) => tokens.into(),
        Err(error) => error.into_compile_error().into(),
    }
}

fn expand(
    arguments: proc_macro2::TokenStream,
    item: proc_macro2::TokenStream,
) -> syn::Result<proc_macro2::TokenStream> {
    let service = parse::service(arguments, item)?;
    let parts = [
        trait_item::generate(&service),
        arguments::generate(&service),
        client::generate(&service),
        serve::generate(&service),
        wiring::generate(&service),
        stub::generate(&service),
        checks::generate(&service),
        schema::generate(&service),
    ];
    Ok(quote!(#(#parts)*))
}
