//! What callers, implementers and operators notice of the seam.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod contract_rules;
mod deadlines;
mod effects;
mod endpoints;
mod metrics;
mod notes;
mod switching;
