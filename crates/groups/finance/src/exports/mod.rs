//! Export: what stands on an account as CSV, OFX or QIF, so that another program reads it, and our own import too.
//!
//! - **Streamed**: pages of transactions are read and written as they are sent, so memory does not grow with the account.
//! - **Read back**: an import of the file into an empty account gives the same balance, day by day. Each row carries the id of
//!   its transaction, so an import into the account that it came from adds nothing.
//! - **CSV** has formulas made neutral: a text that a spreadsheet would run gets an apostrophe in front, which our
//!   import takes away again.
//! - **OFX** is version 2 (XML), with the description as `NAME`, and whole as `MEMO` where it is longer than 32
//!   characters. **QIF** has dates with the month first, as Quicken writes them, and the id in `N`.

mod ofx;
mod qif;
mod requests;
pub(crate) mod routes;
mod service;
mod spreadsheet;
mod writer;

pub(crate) use service::Exports;
