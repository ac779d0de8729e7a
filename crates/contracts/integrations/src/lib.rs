//! What the integrations group promises to the other groups: events about outside platforms.

mod contract;
mod events;
mod info;

pub use contract::{VERSION, contract};
pub use events::{INTEGRATION_CONNECTED, INTEGRATION_DISCONNECTED, IntegrationChanged};
pub use info::INFO;
