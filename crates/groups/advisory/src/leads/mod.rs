//! Leads: who may become a client. Each moves through the stages of a pipeline, has a score by declared rules, and becomes a
//! client once.

mod models;
mod requests;
pub(crate) mod routes;
mod scoring;
mod service;

pub(crate) use models::LeadRecord;
pub(crate) use service::LeadsService;
