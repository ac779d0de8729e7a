//! What a portfolio, an account or a holding was worth by day, and how it performed: each figure with its formula and inputs.

mod figures;
pub(crate) mod requests;
pub(crate) mod routes;
mod service;
mod timeline;

pub(crate) use service::Performance;
