//! What lies on an account: exact at every read, without a document that all writers fight for.
//!
//! A posting never touches a balance. It inserts a *change* (account, month, kind, category, amount, count) in the
//! commit of the transaction; a statement import inserts one change for each month and category of a commit instead
//! of one for each row. Writers of one account share no document, so they never wait for each other.
//!
//! Changes are *folded* in the background: one commit adds up to 200 of an account's changes into its monthly totals
//! and its [`models::BalanceRecord`], and removes them. The balance record's version is the account's *position*:
//! every fold moves it by compare-and-set, so two processes that fold one account cannot both succeed, and a crash
//! leaves the changes where they were.
//!
//! A read takes the position, the totals, the changes that are not folded yet, and the position again. Had a fold
//! happened in between, the position moved and the read begins anew; otherwise folded and unfolded together hold each
//! posting exactly once, and everything that was acknowledged before the read began. The tail is short (a fold is
//! started when about [`FOLD_AT`] changes have gathered), so a balance costs three small reads however many
//! transactions there are; a report reads one total for each month and category.
//!
//! When the double-entry ledger comes, each of a transaction's postings inserts its change the same way.

mod changes;
mod fold;
mod models;
mod read;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use changes::{Changes, plus};
pub(crate) use fold::Folding;
pub(crate) use models::{BalanceRecord, MonthlyChange, MonthlyTotal, Tally, month_of};
pub(crate) use read::Balances;
pub(crate) use store::BalancesStore;

/// How many unfolded changes of one account start a fold.
const FOLD_AT: usize = 64;
