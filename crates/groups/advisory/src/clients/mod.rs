//! Clients: who is in whose book.

mod models;
mod requests;
pub(crate) mod routes;
mod service;
mod store;

pub(crate) use models::{ClientRecord, RiskProfile};
pub(crate) use service::ClientsService;
pub(crate) use store::{ClientsStore, collection};
