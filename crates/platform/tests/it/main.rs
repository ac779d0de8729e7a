//! The whole platform in one process, on the embedded store and on free ports.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

mod brokers;
mod contracts;
mod deploy;
mod embedded;
mod isolation;
#[path = "../message_brokers/mod.rs"]
mod message_brokers;
mod schema_names;
mod served;
mod test_auth_flow;
mod test_client_crud;
mod test_error_handling;
mod token_keys;
mod unverified;
