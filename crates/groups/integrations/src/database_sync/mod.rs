//! Keeping a user's ledger equal with a table of transactions in a database of theirs: rows become transactions,
//! transactions become rows, and nothing comes twice, whatever is killed meanwhile.
//!
//! What belongs together is remembered before either side is touched (`links`): a row by its id, with the id under which
//! its transaction is posted, and a movement of the ledger by the reference under which it is inserted. Both sides take
//! each of them once: the ledger by the transaction's id, the table by a unique reference.

mod address;
mod columns;
mod incoming;
mod job;
mod links;
mod models;
mod outgoing;
mod postgres;
mod requests;
pub(crate) mod routes;
mod row;
mod run;
mod service;
mod table;

pub use address::DatabaseHosts;
pub(crate) use job::{ForgetJob, SyncJob};
pub(crate) use links::{MovementLink, RowLink};
pub(crate) use models::{RunRecord, SyncRecord};
pub(crate) use service::DatabaseSyncs;

use auth_contract::UsersClient;
use chrono_tz::Tz;
use finance_contract::ExchangeClient;
use kernel::Tasks;
use std::time::Duration;
use store::Store;

/// What runs syncs.
pub(crate) fn job(
    store: Store,
    users: UsersClient,
    exchange: ExchangeClient,
    hosts: DatabaseHosts,
    (tasks, timeout, timezone): (Tasks, Duration, Tz),
) -> SyncJob {
    let connector = postgres::Connector {
        tasks,
        timeout,
        timezone,
    };
    SyncJob {
        store,
        users,
        exchange,
        connector,
        hosts,
    }
}
