//! Budgets: what somebody means to spend each month, what was spent, and what is left. A recommendation divides an income
//! exactly; actual figures are the monthly totals that the ledger's postings make, never a scan of transactions.
//!
//! What is left of a line with roll-over, or was spent beyond it, is carried into the months after it, from the month in
//! which the budget starts. `budget.exceeded` is said once for each budget, category and month, by a consumer of the group's
//! own feed: whichever way a transaction came in, posting it does not wait for budgets.

mod actual;
mod alerts;
mod allocation;
mod history;
mod models;
mod month;
mod recommend;
mod requests;
pub(crate) mod routes;
mod service;
mod store;

pub(crate) use alerts::BudgetAlerts;
pub(crate) use history::History;
pub(crate) use models::{BudgetAlert, BudgetRecord};
pub(crate) use recommend::Recommender;
pub(crate) use service::BudgetsService;
pub(crate) use store::BudgetsStore;
