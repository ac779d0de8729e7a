//! The infrastructure group over real feeds and the real shell: a bank that produces events, and books that consume them.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test")]

mod consumers;
mod contract;
mod dead_letters;
mod events;
mod instances;
mod registry;
mod setting;
mod system_status;
