//! The integrations group as its users see it: over HTTP on a free port, against a Triple Whale of our own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

mod bad_input;
mod catalogue;
mod connecting;
mod database_syncs;
mod fake_triplewhale;
mod house;
mod openapi;
mod platform_trouble;
mod secrets;
