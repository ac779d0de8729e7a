//! Households: clients of one advisor who are looked after together.

mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::HouseholdRecord;
pub(crate) use service::Households;
