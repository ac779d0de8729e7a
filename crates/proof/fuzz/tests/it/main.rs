//! A module for each kind of input. A target asserts more than that nothing panics: what is accepted reads back the same,
//! what is forged is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

mod addresses;
mod contracts;
mod cursors;
mod figures;
mod json;
mod settings;
mod texts;
mod tokens;

/// How many inputs each target tries as an ordinary test.
const INPUTS: usize = 4_000;
