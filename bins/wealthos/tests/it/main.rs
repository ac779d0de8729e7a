//! The real binaries, as an operator runs them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

mod backup;
mod hostile;
mod main_job;
mod operator;
mod process;
mod secrets;
mod split;
mod start;
mod torture;
