//! Tags of transactions: words that the owner finds them by. They stand beside the transaction, which is never touched.

mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::TagsRecord;
pub(crate) use service::Tags;
