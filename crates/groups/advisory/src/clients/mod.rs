//! Clients: who is in whose book, and what is known of them.

pub(crate) mod assignments;
pub(crate) mod book;
pub(crate) mod files;
pub(crate) mod households;
pub(crate) mod links;
mod models;
pub(crate) mod notes;
mod portfolios;
mod profile;
pub(crate) mod ranking;
pub(crate) mod requests;
pub(crate) mod routes;
mod service;
mod store;
pub(crate) mod views;
mod worth;

pub(crate) use models::{ClientRecord, RiskProfile};
pub(crate) use portfolios::{PortfolioHeard, portfolios_of};
pub(crate) use profile::figure;
pub(crate) use requests::ClientResponse;
pub(crate) use service::ClientsService;
pub(crate) use store::ClientsStore;
pub(crate) use worth::{WorthProjection, WorthRecord, portfolios_worth};
