use super::{
    address::{DatabaseAddress, SslMode},
    columns::{Columns, TableName},
    models::{RunRecord, SyncRecord},
};
use chrono::{DateTime, Utc};
use kernel::{Currency, Text};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DatabaseType {
    /// PostgreSQL.
    PostgreSql,
}

/// Which way transactions go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SyncDirection)]
pub(crate) enum Direction {
    /// Rows become transactions.
    In,
    /// Transactions become rows.
    Out,
    /// First in, then out.
    #[default]
    Both,
}

impl Direction {
    pub(crate) fn reads(self) -> bool {
        self != Direction::Out
    }

    pub(crate) fn writes(self) -> bool {
        self != Direction::In
    }
}

/// What becomes of a row that was changed while its transaction was taken back here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnConflict {
    /// It is reported, by every run, and nothing is done.
    #[default]
    Report,
    /// The row as it is now is posted as a new transaction.
    Theirs,
    /// The ledger stays as it is, and the change of the row counts as known.
    Ours,
}

/// An account by the name that the other database has for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncAccount)]
pub(crate) struct AccountName {
    /// What stands in the column for the account.
    pub(crate) name: Text<1, 200>,
    /// The account that is meant.
    pub(crate) account_id: Uuid,
}

/// A sync to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = DatabaseSyncRequest)]
pub(crate) struct SyncRequest {
    /// A name for people.
    pub(crate) name: Option<Text<1, 80>>,
    /// `postgresql`.
    pub(crate) r#type: DatabaseType,
    /// Where the database is, with user and password, as in `postgresql://user:pass@localhost/db?sslmode=require`. The operator
    /// says which hosts may be reached.
    pub(crate) connection: DatabaseAddress,
    /// Which way; `both` when it is left out. A run may say otherwise.
    pub(crate) direction: Option<Direction>,
    /// The table; `transactions` when it is left out.
    pub(crate) table: Option<TableName>,
    /// Its columns.
    pub(crate) columns: Option<Columns>,
    /// The currency of rows that say none; the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
    /// The account of what names none. When it is left out rows go to the user's main account, and transactions of all accounts
    /// go out.
    pub(crate) account_id: Option<Uuid>,
    /// Which account is meant by a name in the table; at most 100. Then only these go out.
    #[schema(max_items = 100)]
    pub(crate) accounts: Option<Vec<AccountName>>,
    /// What becomes of conflicts; `report` when it is left out.
    pub(crate) on_conflict: Option<OnConflict>,
}

/// What is to be changed of a sync; what is left out stays. The table stays what it was: for another one make another sync.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = DatabaseSyncChange)]
pub(crate) struct SyncChange {
    /// A name for people.
    pub(crate) name: Option<Text<1, 80>>,
    /// Another address of the same database, or other credentials.
    pub(crate) connection: Option<DatabaseAddress>,
    /// Which way.
    pub(crate) direction: Option<Direction>,
    /// What becomes of conflicts.
    pub(crate) on_conflict: Option<OnConflict>,
}

/// A sync as the API shows it: never a password.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DatabaseSync)]
pub(crate) struct SyncResponse {
    /// Which.
    pub(crate) id: Uuid,
    /// Counts changes.
    pub(crate) version: u64,
    /// The name for people.
    pub(crate) name: Option<String>,
    /// What kind of database.
    pub(crate) r#type: DatabaseType,
    /// On which host.
    pub(crate) host: String,
    /// On which port.
    pub(crate) port: u16,
    /// Which database.
    pub(crate) database: String,
    /// As which user.
    pub(crate) user: String,
    /// How the connection is encrypted.
    pub(crate) sslmode: SslMode,
    /// Which way.
    pub(crate) direction: Direction,
    /// The table.
    pub(crate) table: String,
    /// Its columns, as far as they were named.
    pub(crate) columns: Columns,
    /// The currency of rows that say none.
    pub(crate) currency: Currency,
    /// The account of what names none.
    pub(crate) account_id: Option<Uuid>,
    /// Which account is meant by a name in the table.
    pub(crate) accounts: Vec<AccountName>,
    /// What becomes of conflicts.
    pub(crate) on_conflict: OnConflict,
    /// The latest run.
    pub(crate) last_run_id: Option<Uuid>,
    /// When it was made, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// When it was last changed, or run, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl SyncResponse {
    pub(crate) fn of(stored: &Stored<SyncRecord>, address: &DatabaseAddress) -> Self {
        let sync = &stored.data;
        Self {
            id: stored.id,
            version: stored.version,
            name: sync.name.clone(),
            r#type: sync.database,
            host: address.host.clone(),
            port: address.port,
            database: address.database.clone(),
            user: address.user.clone(),
            sslmode: address.ssl_mode,
            direction: sync.direction,
            table: sync.table.as_str().to_owned(),
            columns: sync.columns.clone(),
            currency: sync.currency,
            account_id: sync.account_id,
            accounts: sync.accounts.clone(),
            on_conflict: sync.on_conflict,
            last_run_id: sync.last_run,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}

/// A run to be begun.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = DatabaseSyncRunRequest)]
pub(crate) struct RunRequest {
    /// Which way this time; as the sync says when it is left out.
    pub(crate) direction: Option<Direction>,
    /// What becomes of conflicts this time; as the sync says when it is left out.
    pub(crate) on_conflict: Option<OnConflict>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RunState {
    /// Not begun yet.
    Waiting,
    /// Under way; or it waits for a side that is away, which `failure` then names.
    Running,
    /// To its end, with or without problems.
    Done,
    /// Given up: `failure` says why. What was done is done; another run goes on from there.
    Failed,
}

impl RunState {
    pub(crate) fn is_open(self) -> bool {
        matches!(self, RunState::Waiting | RunState::Running)
    }
}

/// Where something stands that could not be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    /// A row of the table that is no transaction.
    Row,
    /// A transaction that is no row.
    Transaction,
}

/// Something that could not be taken over; the rest was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncProblem)]
pub(crate) struct Problem {
    /// On which side it stands.
    pub(crate) side: Side,
    /// The id of the row, or of the transaction.
    pub(crate) id: String,
    /// The field that is wrong.
    pub(crate) field: String,
    /// What is wrong with it.
    pub(crate) reason: String,
}

/// One side of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncSide)]
pub(crate) struct Standing {
    /// The date, as it is written there.
    pub(crate) date: Option<String>,
    /// How much.
    pub(crate) amount: Option<String>,
    /// Which way.
    pub(crate) r#type: Option<String>,
    /// For what.
    pub(crate) description: Option<String>,
    /// The category.
    pub(crate) category: Option<String>,
}

/// A row and a transaction that belong together and can not both be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncConflict)]
pub(crate) struct Conflict {
    /// `already_reversed`: the row was changed, and its transaction was taken back here. `period_closed`: the row was changed, and
    /// the books of its day are closed. `not_replaceable`: the row of a transfer or an entry was changed. `row_deleted`: the row is gone.
    pub(crate) code: String,
    /// What that means, for people.
    pub(crate) reason: String,
    /// The id of the row.
    pub(crate) row_id: String,
    /// The transaction.
    pub(crate) transaction_id: Uuid,
    /// What both sides agreed on last, which the transaction still says.
    pub(crate) ours: Standing,
    /// The row as it is now; null when it is gone.
    pub(crate) theirs: Option<Standing>,
}

/// A run as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DatabaseSyncRun)]
pub(crate) struct RunResponse {
    /// Which.
    pub(crate) id: Uuid,
    /// Of which sync.
    pub(crate) sync_id: Uuid,
    /// Which way.
    pub(crate) direction: Direction,
    /// What becomes of conflicts.
    pub(crate) on_conflict: OnConflict,
    /// Where it stands.
    pub(crate) state: RunState,
    /// How many rows were read so far.
    pub(crate) rows_read: u64,
    /// How many transactions were posted for new rows.
    pub(crate) posted: u64,
    /// How many transactions were taken back and posted again, because their rows were changed.
    pub(crate) corrected: u64,
    /// How many rows were written for transactions.
    pub(crate) written: u64,
    /// How many rows and transactions could not be taken over.
    pub(crate) problem_count: u64,
    /// How many conflicts there are.
    pub(crate) conflict_count: u64,
    /// What could not be taken over: the first 500.
    pub(crate) problems: Vec<Problem>,
    /// The conflicts: the first 200.
    pub(crate) conflicts: Vec<Conflict>,
    /// Why it failed, or what it waits for.
    pub(crate) failure: Option<String>,
    /// When it was asked for, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// When it began, UTC.
    pub(crate) began_at: Option<DateTime<Utc>>,
    /// When it ended, UTC.
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

impl From<Stored<RunRecord>> for RunResponse {
    fn from(stored: Stored<RunRecord>) -> Self {
        let run = stored.data;
        Self {
            id: stored.id,
            sync_id: run.sync_id,
            direction: run.direction,
            on_conflict: run.on_conflict,
            state: run.state,
            rows_read: run.counts.rows_read,
            posted: run.counts.posted,
            corrected: run.counts.corrected,
            written: run.counts.written,
            problem_count: run.counts.problems,
            conflict_count: run.counts.conflicts,
            problems: run.problems,
            conflicts: run.conflicts,
            failure: run.failure,
            created_at: stored.created_at,
            began_at: run.began_at,
            ended_at: run.ended_at,
        }
    }
}

/// Nothing narrows these lists.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NoFilter {}
