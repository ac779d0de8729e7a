//! The advisory group over its real store and the real shell; the auth group is a stub of its contract.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

mod bad_input;
mod book;
mod checks;
mod clients;
mod communications;
mod contract;
mod files;
mod goals;
mod kyc;
mod kyc_documents;
mod large_book;
mod leads;
mod mailed_once;
mod meetings;
mod moves;
mod profiles;
mod ranking;
mod scope;
mod setting;
