//! What lies on the accounts of a book: exact at every read, without a document that all writers fight for.
//!
//! A posting never touches a balance. It inserts a *change* in the commit of the journal entry: the entry's legs as
//! *flows*, each a pair of accounts of which one is debited what the other is credited; a statement import inserts one
//! change for each commit instead of one for each row. Writers of one book share no document, so they never wait for
//! each other.
//!
//! Changes are *folded* in the background: one commit adds up to 200 of a book's changes into its totals by month and
//! by day and into its [`models::BookBalances`], and removes them. The version of the latter is the book's *position*:
//! every fold moves it by compare-and-set, so two processes that fold one book cannot both succeed, and a crash leaves
//! the changes where they were.
//!
//! A read takes the position, the totals, the changes that are not folded yet, and the position again. Had a fold
//! happened in between, the position moved and the read begins anew; otherwise folded and unfolded together hold each
//! posting exactly once, and everything that was acknowledged before the read began. What is read belongs to one moment
//! of the whole book, so a trial balance adds up to zero while others post. The tail is short (a fold is started when
//! about [`FOLD_AT`] changes have gathered), so all balances of a book cost three small reads however many entries
//! there are; a statement reads one total for each pair of accounts and month, and one for each day of the months that
//! its period cuts.
//!
//! All of this can be thrown away and made anew from the feed: see the `replay` slice.

mod announce;
mod changes;
mod fold;
mod models;
mod read;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use announce::announce_balance;
pub(crate) use changes::{Changes, Sums, of_month, plus};
pub(crate) use fold::Folding;
pub(crate) use models::{BookBalances, BookChange, DayTotal, Flow, FlowTotal, MonthTotal, month_of};
pub(crate) use read::{Balances, Book, on_account};
pub(crate) use store::total_id;

/// How many unfolded changes of one book start a fold.
const FOLD_AT: usize = 64;
