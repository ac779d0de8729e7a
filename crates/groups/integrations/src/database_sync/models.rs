use super::{
    columns::{Columns, TableName},
    requests::{AccountName, Conflict, DatabaseType, Direction, OnConflict, Problem, RunState},
};
use chrono::{DateTime, Utc};
use kernel::{Currency, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use uuid::Uuid;

/// A sync as it is stored.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SyncRecord {
    pub(crate) user_id: UserId,
    pub(crate) name: Option<String>,
    pub(crate) database: DatabaseType,
    /// With its credentials: encrypted before a backend sees it.
    pub(crate) connection: String,
    pub(crate) direction: Direction,
    pub(crate) table: TableName,
    pub(crate) columns: Columns,
    pub(crate) currency: Currency,
    pub(crate) account_id: Option<Uuid>,
    pub(crate) accounts: Vec<AccountName>,
    pub(crate) on_conflict: OnConflict,
    pub(crate) last_run: Option<Uuid>,
}

impl Document for SyncRecord {
    fn collection() -> &'static Collection {
        static SYNCS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("database_syncs", Scoping::Owner)
                .encrypted("connection")
                .removed_with_user()
                .holds_proofs()
        });
        &SYNCS
    }
}

/// What a run did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) rows_read: u64,
    pub(crate) posted: u64,
    pub(crate) corrected: u64,
    pub(crate) written: u64,
    pub(crate) problems: u64,
    pub(crate) conflicts: u64,
}

/// A run as it is stored. Its id is that of its job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    pub(crate) user_id: UserId,
    pub(crate) sync_id: Uuid,
    pub(crate) direction: Direction,
    pub(crate) on_conflict: OnConflict,
    pub(crate) state: RunState,
    pub(crate) counts: Counts,
    /// The first of them.
    pub(crate) problems: Vec<Problem>,
    /// The first of them.
    pub(crate) conflicts: Vec<Conflict>,
    pub(crate) failure: Option<String>,
    pub(crate) began_at: Option<DateTime<Utc>>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

impl Document for RunRecord {
    fn collection() -> &'static Collection {
        static RUNS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("database_sync_runs", Scoping::Owner)
                .field("sync_id", FieldKind::Uuid)
                .serves(&["sync_id"], &["created_at"])
                .encrypted("problems")
                .encrypted("conflicts")
                .removed_with_user()
        });
        &RUNS
    }
}
