//! Funding: money that comes into portfolios and goes out of them, from the request until it has moved. What is to go out is
//! set aside on the account at once, so that it cannot be promised twice. Every step is an event; the ledger hears them.

mod forecast;
mod models;
pub(crate) mod requests;
pub(crate) mod routes;
mod scheduled;
mod service;
mod steps;
mod summary;

pub(crate) use models::{FundingRecord, FundingStep};
pub(crate) use service::Funding;
