//! The statements of a book: trial balance, profit and loss, balance sheet and cash flow, as JSON or CSV.
//!
//! All of them are sums of flows (see [`crate::balances`]), read at one moment of the book: nothing is scanned. Each
//! currency stands by itself and adds up by itself. With a report currency everything is converted: what came in and
//! went out by the rate of its day, what is there by the rate of the last day. What then lies between, the gain or loss
//! of holding foreign currency, is split: *unrealised* is what the units that are still there are worth beyond what
//! they cost by weighted average, at the rates of the days on which they came; *realised* is the rest.

mod balance_sheet;
mod cash_flow;
mod profit_and_loss;
mod requests;
pub(crate) mod routes;
mod service;
mod table;
mod trial_balance;

pub(crate) use service::StatementsService;
pub(crate) use table::{Format, Table};
