//! The invariants of the house (docs/ARCHITECTURE.md), checked over `cargo metadata` and the tracked files.
//!
//! Each check is a pure function over the small model in `model.rs`. It is tested twice: on the workspace as it
//! stands, and on a model with the fault in it, so that no check passes because it looks at nothing.

#![cfg(test)]

mod contracts;
mod documents;
mod files;
mod floors;
mod groups;
mod layout;
mod licences;
mod load;
mod manifests;
mod model;
mod words;
