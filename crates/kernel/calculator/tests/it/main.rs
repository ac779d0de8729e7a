//! Known answers of published documents, and properties that hold for every input.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what went wrong by panicking"
)]

mod annuities;
mod investing;
mod loans;
mod properties;
mod regulation_z;
mod stock;

use rust_decimal::Decimal;

/// A decimal as it is written.
fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Checks a figure to the decimals that the source prints.
#[track_caller]
fn printed(found: Decimal, source: &str) {
    let source = d(source);
    assert_eq!(
        found.round_dp_with_strategy(
            source.scale(),
            rust_decimal::RoundingStrategy::MidpointAwayFromZero
        ),
        source,
        "{found}"
    );
}
