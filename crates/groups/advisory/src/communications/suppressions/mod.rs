//! Addresses that are not written to: whoever of the firm has put one on the list, nobody of the firm writes to it.

mod models;
mod requests;
pub(crate) mod routes;
mod service;
mod store;

pub(crate) use models::SuppressionRecord;
pub(crate) use service::SuppressionsService;
pub(crate) use store::is_suppressed;
