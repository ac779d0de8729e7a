//! Balances and totals made anew from the feed, and compared with those that are stored.
//!
//! The feed tells of every entry with its legs, in order and for ever. From it alone the totals of every book follow;
//! whatever is stored otherwise is wrong, and can be put right. Servers may go on meanwhile: what they post is either in
//! the feed that was read, or it waits among the book's unfolded changes, each of which names the entry it comes from.

#[cfg(test)]
mod property_tests;
mod shadow;
#[cfg(test)]
mod tests;
mod upgrade;
mod verify;
#[cfg(test)]
mod year_tests;

pub(crate) use shadow::legs_of;
pub use upgrade::LedgerUpgrade;
pub(crate) use upgrade::collection as upgrades;
pub use verify::{LedgerDifference, LedgerReplay};
