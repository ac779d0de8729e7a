//! The real binaries, as an operator runs them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test says what went wrong by panicking, prints what it measured, and its tasks end with it"
)]

mod backup;
mod calculator;
mod commands;
mod consume;
mod consume_killed;
mod database_sync;
mod first_day;
mod hostile;
mod large_import;
mod log;
mod main_job;
mod operator;
mod process;
mod secrets;
mod split;
mod start;
mod torture;
