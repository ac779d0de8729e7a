//! Checks of orders before they are placed: a decision table, the answer on record, and a compliance officer's decision
//! in spite of it.

mod models;
mod requests;
pub(crate) mod routes;
mod service;
mod suitability;

pub(crate) use models::CheckRecord;
pub(crate) use service::ChecksService;
