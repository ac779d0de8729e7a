//! Statement import: a bank's file becomes transactions, each row once however often it is sent.
//!
//! - **Formats** are those of [`crate::formats`]. CSV without a mapping has the columns `Date`, `Description` and `Amount`, in
//!   any order and case; others are ignored. Dates are ISO; amounts are signed decimals (`1,234.50` is understood,
//!   `1,234` is refused because it may mean 1.234). Any other layout has a saved [`mappings`] or is OFX or QIF. A negative
//!   amount is an expense, a positive one an income. Rows of 0 move nothing: they are counted as `skipped`. So are
//!   opening balances of days before which something is known already: they only restate it.
//! - **Opening balance**: a row whose description begins with "opening balance" or "balance brought forward" is
//!   posted in the category `opening_balance`, so that the account's balance equals the statement's.
//! - **All or nothing**: every row is checked before the first is written; one wrong row refuses the file.
//! - **Once**: a row's transaction id is made of its account, date, amount, folded description, and which of the equal
//!   rows of the file it is, or of the bank's own reference where the file has one ([`content_key`]). Two equal coffees stay
//!   two; the same file again, or one that overlaps it, adds only what is new. One limit follows: files that are to be
//!   joined must not be cut between two equal rows of one day without sharing that day. Banks export whole days. Another:
//!   the same days as OFX and as CSV are different rows, since OFX names them by `FITID`: keep to one for an account.
//! - **In bounded memory**: a file is checked while it comes in ([`receive`]). A small one is held and answered at once; a
//!   larger one is spooled to an encrypted blob and posted by a [`job`], in commits of at most 500 rows that also carry
//!   how far it is ([`apply`]). A process that dies leaves the rest to the next one. What grows with the file is 20 bytes
//!   for each row, to tell equal rows apart.

mod apply;
mod checked;
mod content_key;
mod job;
pub(crate) mod mappings;
mod opening;
mod post;
mod receive;
mod records;
mod requests;
pub(crate) mod routes;
mod service;
mod source;

pub(crate) use apply::Applier;
pub(crate) use job::ImportJob;
pub(crate) use records::ImportRecord;
pub(crate) use service::ImportService;
