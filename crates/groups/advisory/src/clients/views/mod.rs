//! Saved views: a filter of the list of clients under a name, for whoever saved it.

mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::ViewRecord;
pub(crate) use service::Views;
