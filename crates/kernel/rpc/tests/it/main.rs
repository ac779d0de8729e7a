//! What callers, implementers and operators notice of the seam.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod contract_rules;
mod deadlines;
mod dispatch;
mod effects;
mod endpoints;
mod far;
mod faults;
mod metrics;
mod notes;
mod schema;
mod streams;
mod switching;
mod wire;
