//! The wealth group over its real store and the real shell; the auth and advisory groups are stubs of their contracts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

mod actions;
mod actions_once;
mod analysis;
mod both_stores;
mod entries;
mod funding;
mod interrupted;
mod large_book;
mod many_orders;
mod market;
mod openapi;
mod orders;
mod performance;
mod planning;
mod portfolios;
mod properties;
mod quoted;
mod schedules;
mod setting;
mod tax;
