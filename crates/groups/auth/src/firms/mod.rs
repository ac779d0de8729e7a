//! Firms: the tenants of an installation. The first one, `default`, is there from the start.

mod models;
pub(crate) mod routes;
mod service;

pub(crate) use models::Firm;
pub(crate) use service::Firms;
