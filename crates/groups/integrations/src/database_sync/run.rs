//! One run under way: what it has, what it counts, and how transactions are posted.

use super::{
    links::{RowLink, Version},
    models::{RunRecord, SyncRecord},
    postgres::Trouble,
    requests::{Conflict, OnConflict, Problem, Side, Standing},
    row::{Reading, problem},
};
use events::{Failure, jobs::JobRun};
use finance_contract::{BroughtTransaction, ExchangeClient, FinanceError};
use futures::{StreamExt, stream};
use kernel::{CallContext, ErrorKind, Fault, IdempotencyKey};
use store::{Batch, Store, Stored};
use uuid::Uuid;

/// The most problems that are kept.
const MOST_PROBLEMS: usize = 500;
/// The most conflicts that are kept.
const MOST_CONFLICTS: usize = 200;
/// How many transactions are posted at once: the ledger commits together what comes together.
const AT_ONCE: usize = 8;

/// Why a run does not go on.
#[derive(Debug)]
pub(super) enum Halt {
    /// Nobody can help but whoever made the sync: it failed.
    Given(String),
    /// Another attempt may come further.
    Again(Failure),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Halt::Again(failure)
    }
}

impl From<store::StoreError> for Halt {
    fn from(error: store::StoreError) -> Self {
        Halt::Again(error.into())
    }
}

impl From<Trouble> for Halt {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Away(reason) => Halt::Again(Failure::transient(reason)),
            Trouble::Refused(reason) => Halt::Given(reason),
            Trouble::Row((_, reason)) => Halt::Given(format!("the database refuses: {reason}")),
        }
    }
}

/// A run, in the hands of its job.
pub(super) struct Run<'a> {
    pub(super) store: &'a Store,
    pub(super) exchange: &'a ExchangeClient,
    pub(super) job: &'a mut JobRun,
    pub(super) sync: Stored<SyncRecord>,
    pub(super) record: Stored<RunRecord>,
    pub(super) reading: Reading,
}

/// What became of a version that was brought to the ledger.
enum Outcome {
    Posted,
    /// The ledger stays as it is; the row is known as it is now.
    Known,
    Conflict(Box<Conflict>),
    Problem(Problem),
}

impl Run<'_> {
    pub(super) fn sync_id(&self) -> Uuid {
        self.sync.id
    }

    pub(super) fn report(&mut self, problem: Problem) {
        let run = &mut self.record.data;
        run.counts.problems += 1;
        if run.problems.len() < MOST_PROBLEMS {
            run.problems.push(problem);
        }
    }

    pub(super) fn conflict(&mut self, conflict: Conflict) {
        let run = &mut self.record.data;
        run.counts.conflicts += 1;
        if run.conflicts.len() < MOST_CONFLICTS {
            run.conflicts.push(conflict);
        }
    }

    /// Commits what was done with how far the run is, as long as the run is ours.
    pub(super) async fn checkpoint(&mut self, mut batch: Batch) -> Result<(), Halt> {
        self.record = batch.replace(&self.record);
        Ok(self.job.checkpoint(batch, &self.record.data.counts).await?)
    }

    /// Posts what is pending of these rows, and commits what became of each.
    pub(super) async fn settle(&mut self, links: Vec<Stored<RowLink>>) -> Result<(), Halt> {
        if links.is_empty() {
            return Ok(());
        }
        let mut brought = Vec::with_capacity(links.len());
        for link in &links {
            brought.push(self.bring(link));
        }
        let outcomes: Vec<_> = stream::iter(brought).buffered(AT_ONCE).collect().await;
        let mut batch = self.job.batch();
        for (link, outcome) in links.iter().zip(outcomes) {
            let was_known = link.current.is_some();
            let (posted, known) = match outcome? {
                Outcome::Posted => (true, false),
                Outcome::Known => (false, true),
                Outcome::Conflict(conflict) => {
                    self.conflict(*conflict);
                    (false, false)
                }
                Outcome::Problem(problem) => {
                    self.report(problem);
                    (false, false)
                }
            };
            let counts = &mut self.record.data.counts;
            counts.posted += u64::from(posted && !was_known);
            counts.corrected += u64::from(posted && was_known);
            match posted || known || was_known {
                true => drop(batch.replace(&link.changed(|link| {
                    let pending = link.pending.take();
                    link.is_pending = false;
                    if !posted {
                        // Nothing stands under its id: the next version takes that.
                        link.versions = link.versions.saturating_sub(1);
                    }
                    match (&mut link.current, pending) {
                        (Some(current), Some(pending)) if known => current.row = pending.row,
                        (current, Some(pending)) if posted => *current = Some(pending),
                        _ => {}
                    }
                }))),
                // Nothing came of it: the row is as new as it was.
                false => batch.remove(link),
            }
        }
        self.checkpoint(batch).await
    }

    /// Posts the pending version of a row, in place of the one before.
    async fn bring(&self, link: &Stored<RowLink>) -> Result<Outcome, Halt> {
        let Some(pending) = &link.pending else {
            return Ok(Outcome::Known);
        };
        let transaction = match self.reading.transaction(&pending.row) {
            Ok(transaction) => transaction,
            Err(wrong) => return Ok(Outcome::Problem(problem(Side::Row, &link.row_id, wrong))),
        };
        let mut brought = BroughtTransaction {
            id: pending.transaction_id,
            transaction,
            replaces: link.current.as_ref().map(|current| current.transaction_id),
        };
        let error = match self.post(&brought).await? {
            Ok(()) => return Ok(Outcome::Posted),
            Err(error) => error,
        };
        let (Some(current), FinanceError::Conflict { code, reason, .. }) = (&link.current, &error) else {
            return Ok(Outcome::Problem(refused(&link.row_id, &error)));
        };
        if code == "already_reversed" {
            match self.record.on_conflict {
                OnConflict::Report => {}
                OnConflict::Ours => return Ok(Outcome::Known),
                OnConflict::Theirs => {
                    brought.replaces = None;
                    return Ok(match self.post(&brought).await? {
                        Ok(()) => Outcome::Posted,
                        Err(error) => Outcome::Problem(refused(&link.row_id, &error)),
                    });
                }
            }
        }
        let reason = match code.as_str() {
            "already_reversed" => "the row was changed, and its transaction was taken back here",
            _ => reason.as_str(),
        };
        let conflict = conflict_of(link, current, code, reason, Some(pending));
        Ok(Outcome::Conflict(Box::new(conflict)))
    }

    /// Posts a transaction, or answers why the ledger does not take it.
    async fn post(&self, brought: &BroughtTransaction) -> Result<Result<(), FinanceError>, Halt> {
        let key = format!("sync-{}-{}", brought.id, brought.replaces.is_some());
        let key = IdempotencyKey::parse(&key).map_err(|error| Halt::Again(error.into()))?;
        match self.exchange.bring(&self.cx(), key, brought.clone()).await {
            Ok(_) => Ok(Ok(())),
            Err(error) if is_about_the_row(&error) => Ok(Err(error)),
            Err(error) => Err(Halt::Again(match error.kind() {
                // Somebody has to look at it, and until then it does not get better by giving up.
                ErrorKind::Internal => Failure::transient("the ledger failed: see the log"),
                _ => Failure::from_fault(error),
            })),
        }
    }

    /// A fresh context for a call.
    pub(super) fn cx(&self) -> CallContext {
        self.job.cx()
    }
}

/// Whether the ledger would take another row.
pub(super) fn is_about_the_row(error: &FinanceError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Malformed | ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::NotFound
    )
}

fn refused(row: &str, error: &FinanceError) -> Problem {
    let detail = error.details().into_iter().next();
    let (field, reason) = match (error, detail) {
        (FinanceError::AccountNotFound, _) => ("account".to_owned(), error.to_string()),
        (_, Some(detail)) => (detail.field, detail.message),
        (_, None) => ("row".to_owned(), error.to_string()),
    };
    Problem {
        side: Side::Row,
        id: row.to_owned(),
        field,
        reason,
    }
}

/// A conflict about a row with both its sides.
pub(super) fn conflict_of(
    link: &RowLink,
    current: &Version,
    code: &str,
    reason: &str,
    now: Option<&Version>,
) -> Conflict {
    Conflict {
        code: code.to_owned(),
        reason: reason.to_owned(),
        row_id: link.row_id.clone(),
        transaction_id: current.transaction_id,
        ours: Standing::from(&current.row),
        theirs: now.map(|now| Standing::from(&now.row)),
    }
}
