//! The key pairs of access tokens, where they are signed with EdDSA: made, rotated and shown here, and kept in the store
//! of this group with their private halves encrypted.

mod contract;
mod models;
pub(crate) mod routes;
mod service;

pub(crate) use models::SigningKey;
pub use models::{KeyState, KeySummary};
pub use service::SigningKeys;
