//! What can be said of instruments and portfolios: figures with their reasons, and the same in words made of them.

pub(crate) mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use service::Analysis;
