//! Statement import: a bank's CSV becomes transactions, each row once however often it is sent.
//!
//! - **Columns**: `Date`, `Description` and `Amount`, in any order and case; others are ignored. Dates are ISO; amounts
//!   are signed decimals (`1,234.50` is understood, `1,234` is refused because it may mean 1.234). A negative amount is
//!   an expense, a positive one an income. Rows of 0 move nothing: they are counted as `skipped`.
//!   So are opening balances of days before which something is known already: they only restate it.
//! - **Opening balance**: a row whose description begins with "opening balance" or "balance brought forward" is
//!   posted in the category `opening_balance`, so that the account's balance equals the statement's.
//! - **All or nothing**: every row is checked before the first is written; one wrong row refuses the file.
//! - **Once**: a row's transaction id is made of its account, date, amount, folded description, and which of the equal
//!   rows of the file it is ([`content_key`]). Two equal coffees stay two; the same file again, or one that overlaps it,
//!   adds only what is new. Rows are written in commits of at most 500, so an import that was killed half-way is
//!   finished by sending it again. One limit follows: files that are to be joined must not be cut between two equal
//!   rows of one day without sharing that day. Banks export whole days.

mod content_key;
mod csv;
#[cfg(test)]
mod fuzz_tests;
mod opening;
mod requests;
pub(crate) mod routes;
mod row;
mod service;

pub(crate) use service::ImportService;
