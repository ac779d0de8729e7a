//! Saved column mappings: how the CSV of a bank is to be read, said once and used for every file of it.

mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::MappingRecord;
pub(crate) use service::Mappings;
