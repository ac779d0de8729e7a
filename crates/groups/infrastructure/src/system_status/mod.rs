//! How the system is: one word, and one line per group.

mod models;
pub(crate) mod routes;
mod service;

pub(crate) use service::SystemStatusService;
pub use service::{GroupState, StatusSource};
