//! The papers of identity checks: kept encrypted as they were sent, read by the firm, gone with the client.

mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::KycDocument;
pub(crate) use service::KycDocuments;
