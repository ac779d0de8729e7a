//! Whom to look after first, and who may leave: points by declared rules, from what stands on the client and what is read of the
//! whole book at once, so that a book of thousands needs a few dozen reads and never one for each client.

mod churn;
mod priority;
mod requests;
pub(crate) mod routes;
mod rules;
mod service;

pub(crate) use service::Ranking;
