//! The auth group as its users and its neighbours see it: over HTTP on a free port, and through its contract.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

mod account;
mod admin;
mod api_keys;
mod audit;
mod bad_input;
mod contract;
mod cookies;
mod emails;
mod firms;
mod house;
mod housekeeping;
mod invitations;
mod log_in;
mod mail_security;
mod mfa;
mod mfa_demanded;
mod openapi;
mod passwords;
mod patience;
mod refresh;
mod registration;
mod roles;
mod secrets;
mod sessions;
mod setup;
mod users;
