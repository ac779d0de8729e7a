//! Identity checks (KYC): the rules of each jurisdiction, the reviews on record, and who is to be told when one ends.

mod deadlines;
pub(crate) mod documents;
mod models;
mod requests;
pub(crate) mod routes;
mod rules;
mod service;

pub(crate) use deadlines::{DeadlinesProjection, KycAlertJob};
pub(crate) use documents::{KycDocument, KycDocuments};
pub(crate) use models::{KycAlert, KycDeadline, KycReview};
pub(crate) use service::KycService;
