//! Terms and privacy documents: their versions, and who has accepted which.

mod models;
pub(crate) mod routes;
mod service;

pub(crate) use models::{LegalAcceptance, LegalDocument};
pub(crate) use service::Legal;
