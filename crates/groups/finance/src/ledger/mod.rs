//! The books behind the transactions: the chart of accounts, journal entries of any legs, reversals, and periods that
//! are closed. Every slice of it works on one book: the ledger of one user.

mod chart;
mod chart_requests;
mod chart_service;
mod entries;
mod entry_requests;
mod periods;
pub(crate) mod routes;

pub(crate) use chart::ChartAccount;
pub(crate) use chart_service::{Chart, ChartService};
pub(crate) use entries::EntriesService;
pub(crate) use periods::{PeriodAct, PeriodsService};
