//! How a firm gets its first administrator: by a link that is printed, or handed over, and is good once.

mod models;
pub(crate) mod routes;
mod service;

pub(crate) use models::SetupToken;
pub use service::{Setup, SetupLink};
