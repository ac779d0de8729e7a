//! Tokens, keys and seals as a user of the crate sees them.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and nobody reads its items"
)]

mod forged;
mod hops;
mod secret_file;
mod service;
mod site;
mod token_keys;
mod tokens;
