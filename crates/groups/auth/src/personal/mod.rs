//! What is known about a user, of all groups: told to them, and forgotten.

mod erasure;
pub(crate) mod routes;
mod service;

pub(crate) use erasure::{Erasure, ErasureJob, Erasures, GRACE, KEPT_AFTER_DELETION};
pub(crate) use service::PersonalRecords;
