//! The audit log: what was done to what by whom, of every group, in one chain per firm.
//!
//! Groups commit audit records with what they record; [`AuditProjection`] hears them and appends each once. A row holds
//! the hash of the row before it, and the end of the chain is sealed under the installation's encryption key: a row that
//! is changed, taken out or put in between is found by [`AuditLog::verify`].

mod chain;
mod export;
mod models;
mod projection;
pub(crate) mod routes;
mod service;
mod verify;

pub(crate) use models::{AuditHead, AuditRow};
pub(crate) use projection::AuditProjection;
pub use service::AuditLog;
pub use verify::{AuditVerdict, BrokenRow};
