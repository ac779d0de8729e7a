//! The generic test harness: stores in a temporary directory, a clock that stands still, log-ins of any role, and the
//! real web shell on a free port; a mail server; programs and brokers as processes, and wires between them that can be cut. Knows no
//! group.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "it is linked to tests only: a panic is a failed test"
)]

mod authenticator;
mod authority;
mod broker;
mod client;
mod copies;
mod database;
mod files;
mod harness;
mod mail;
mod openapi;
mod program;
mod wait;
mod wire;

pub use authenticator::Authenticator;
pub use authority::Authority;
pub use broker::BrokerServer;
pub use client::{Reply, TestServer};
pub use copies::copies;
pub use database::Database;
pub use files::files_below;
pub use harness::{Harness, Login};
pub use mail::{MailServer, ReceivedMail};
pub use openapi::assert_openapi_is_committed;
pub use program::ServedProgram;
pub use wait::eventually;
pub use wire::{Weather, Wire};
