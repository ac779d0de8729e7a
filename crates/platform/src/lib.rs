//! The composition root: the only crate that names all groups. It opens their stores, makes one switchable handle for
//! each contract, builds the groups with the handles, binds them, and serves them in one process.
//!
//! It is also the embeddable library: see [`System`].

mod assembly;
mod backup;
mod bridges;
pub mod cli;
mod consumer_status;
mod contracts;
mod control;
mod demo;
mod error;
mod first_admin;
mod groups;
mod handles;
mod health;
mod kit;
mod membership;
mod offer;
mod operator;
mod program;
mod proofs;
pub mod registry;
mod remotes;
mod revocations;
mod serving;
mod shared_secrets;
mod status;
mod switchboard;
mod system;
mod token_keys;
pub mod topology;
mod wiring;

pub use assembly::{Platform, PlatformParts, TokenKeyState};
pub use backup::Manifest;
pub use bridges::Broker;
pub use demo::{DemoLogin, seed as seed_demo};
pub use error::PlatformError;
pub use first_admin::FirstAdmin;
pub use groups::{known_groups, linked_groups};
pub use handles::Handles;
pub use serving::RunningPlatform;
pub use system::{CommandResult, System};
pub use topology::{Placement, Program, Topology};
