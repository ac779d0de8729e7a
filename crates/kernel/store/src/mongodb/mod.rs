//! Documents on MongoDB through the official driver.
//!
//! One database holds all groups: a group's collections keep the names that they declare, and what every group has is
//! named after it (`auth.outbox`). See `document.rs` for how a document looks, `commit.rs` for batches, and
//! `sequencer.rs` for how events get their numbers.

mod backend;
pub(crate) mod backup;
mod calls;
mod changes;
mod cluster;
mod commands;
mod commit;
mod document;
mod failure;
mod fields;
mod index;
mod json;
mod keys;
mod migrations;
mod names;
mod order;
mod outbox;
mod query;
mod schema;
mod sequencer;

pub use backend::MongoBackend;
pub use cluster::{MongoCluster, MongoOptions};
pub use commands::MONGODB_COMMANDS;
