//! One suite of stories, told over HTTP as a user would live them, on every way to cut the platform. What the monolith
//! answers is the reference, byte for byte after the rules of [`normaliser`]; every other way must answer the same.
//!
//! A test is named after where it runs and what it tells, as in `monolith::clients`. `cargo nextest run -p platform
//! --test topologies` runs all.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

mod attacks;
mod comparison;
mod database_sync;
mod deployment;
mod every_way;
mod latency;
mod live;
mod matrix;
#[allow(dead_code, reason = "brokers are killed by another test binary")]
#[path = "../message_brokers/mod.rs"]
mod message_brokers;
mod normaliser;
mod outside;
mod raw;
mod scenarios;
mod transcript;
mod world;
