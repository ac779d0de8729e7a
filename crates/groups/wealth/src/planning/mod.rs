//! Targets, how far a portfolio has drifted from them, and what leads back: a plan, never a trade.

mod drift;
pub(crate) mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use drift::drift;
pub(crate) use service::Planning;
