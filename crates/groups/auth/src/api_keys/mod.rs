//! API keys and service accounts: what programs prove themselves with.
//!
//! A key is exchanged for an access token like those of log-ins, narrowed to the key's scopes: every process proves it
//! without asking this group, and refuses it within a second once the key is revoked (see `docs/adr`).

mod exchange;
mod models;
pub(crate) mod routes;
mod service;

pub(crate) use models::ApiKey;
pub(crate) use service::ApiKeys;
