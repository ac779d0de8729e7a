//! The financial report: what came in, what went out, and what lies on the accounts, for a period.
//!
//! Whole months are read from the totals by month (see [`crate::balances`]); only the months that `from` and `to` cut are
//! read from the totals by day, two at most. Currencies are never mixed: each has its own section. What a
//! statement brings as its opening balance is income of the category `opening_balance`, so that the totals equal the
//! columns of the statement; it also stands apart, so that it can be told from what was earned.

mod period;
mod requests;
pub(crate) mod routes;
mod section;
mod service;

pub(crate) use period::{Period, Place};
pub(crate) use requests::{ReportFilter, ReportResponse};
pub(crate) use service::ReportService;
