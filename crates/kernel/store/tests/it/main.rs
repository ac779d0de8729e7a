//! The store as a group sees it, on every engine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

mod conformance;
mod on_mongodb;
mod sqlite_basics;
mod sqlite_blobs;
mod sqlite_commits;
mod sqlite_fixture;
mod sqlite_open;
mod sqlite_processes;
