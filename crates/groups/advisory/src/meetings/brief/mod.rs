//! What to know before a meeting: facts that are in the store, and no words of anybody's making.

mod answers;
mod portfolios;
pub(crate) mod routes;
mod service;

pub(crate) use service::BriefService;
