//! Numbering events.
//!
//! Rows commit without a number. One process at a time (the lease only saves work) reads the unnumbered rows in one
//! snapshot, puts them in order and gives them the next numbers, one row after the other, stopping at the first
//! refusal. That leaves no gap and no double however many sequencers run or die at any moment: a number is unique by
//! index and a row is numbered once by its filter. Each row of a plan that turns out to be numbered already took a
//! number after the plan's first one was chosen, so as many numbers are taken as the plan has stepped over, and nobody
//! can ever reach past the first free number.

use super::{
    changes::Signals,
    document::version_to_bson,
    failure,
    json::uuid_to_bson,
    order::in_order,
    outbox::{self, Unnumbered},
};
use crate::StoreError;
use bson::{DateTime, Document, doc};
use fail::fail_point;
use futures::TryStreamExt;
use kernel::{Clock, Sources, SystemClock};
use mongodb::{Client, Collection, Database, error::Error, options::ReadConcern};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long the lease lasts after its holder last needed it. A dead holder delays the feed by this much.
const LEASE: Duration = Duration::from_secs(2);

/// How often to look again while another process holds the lease and rows wait.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How often to look when nothing was said.
const IDLE: Duration = Duration::from_secs(5);

/// How long to wait after an error.
const AFTER_ERROR: Duration = Duration::from_millis(250);

/// A server that neither answers nor closes the connection is given up after this.
const LONGEST_ROUND: Duration = Duration::from_secs(30);

/// Rows that are numbered by one command.
const CHUNK: usize = 100;

/// How many waiting rows are looked at together.
const MOST_ROWS: i64 = 10_000;

/// The sequencer of one group in this process.
pub(super) struct Sequencer {
    client: Client,
    database: Database,
    outbox: Collection<Document>,
    leases: Collection<Document>,
    signals: Arc<Signals>,
    holder: Uuid,
    /// Until when the lease is known to be ours.
    held_until: Option<Instant>,
    /// The last number that is known to be taken.
    last: Option<u64>,
}

/// What one look at the outbox came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// No row waits.
    Idle,
    /// Rows were numbered; there may be more.
    Numbered,
    /// Rows wait, and another process holds the lease.
    HeldElsewhere,
}

impl Sequencer {
    pub(super) fn new(
        database: &Database,
        outbox: Collection<Document>,
        leases: Collection<Document>,
        signals: Arc<Signals>,
    ) -> Self {
        Self {
            client: database.client().clone(),
            database: database.clone(),
            outbox,
            leases,
            signals,
            holder: Sources::system().ids().next(),
            held_until: None,
            last: None,
        }
    }

    /// Numbers events until the store closes, then gives the lease back.
    pub(super) async fn run(mut self, closed: CancellationToken) {
        while !closed.is_cancelled() {
            let round = timeout(LONGEST_ROUND, self.round()).await;
            let pause = match round
                .unwrap_or_else(|_| Err(StoreError::unavailable("MongoDB did not answer in time")))
            {
                Ok(Round::Numbered) => continue,
                Ok(Round::Idle) => IDLE,
                Ok(Round::HeldElsewhere) => LOOK_AGAIN,
                Err(cause) => {
                    tracing::warn!(
                        ?cause,
                        outbox = self.outbox.name(),
                        "events wait for their number"
                    );
                    self.forget();
                    AFTER_ERROR
                }
            };
            let hears = pause == IDLE;
            tokio::select! {
                () = closed.cancelled() => {}
                () = self.signals.unnumbered(), if hears => {}
                () = sleep(pause) => {}
            }
        }
        self.release().await;
    }

    /// Numbers the rows that wait.
    pub(super) async fn round(&mut self) -> Result<Round, StoreError> {
        let rows = self.unnumbered().await?;
        if rows.is_empty() {
            return Ok(Round::Idle);
        }
        if !self.hold_lease().await? {
            return Ok(Round::HeldElsewhere);
        }
        self.number(&in_order(rows)).await?;
        Ok(Round::Numbered)
    }

    /// The rows without a number, in one snapshot: a row that was committed before another is never missing while the
    /// other is seen. The last number must be known before: read after, it could count rows of this snapshot that
    /// another sequencer numbered in between, and their places would stay empty.
    async fn unnumbered(&mut self) -> Result<Vec<Unnumbered>, StoreError> {
        if self.last.is_none() {
            self.last = Some(outbox::last_seq(&self.outbox).await?);
        }
        let rows = self
            .in_one_snapshot()
            .await
            .map_err(|error| failure::of_read(&error))?;
        rows.into_iter().map(Unnumbered::read).collect()
    }

    /// A transaction that only reads: its snapshot holds for all batches of the cursor, on every server.
    async fn in_one_snapshot(&self) -> Result<Vec<Document>, Error> {
        let mut session = self.client.start_session().await?;
        session
            .start_transaction()
            .read_concern(ReadConcern::snapshot())
            .await?;
        let mut found = self
            .outbox
            .find(doc! { "pending": true })
            .projection(Unnumbered::fields())
            .limit(MOST_ROWS)
            .session(&mut session)
            .await?;
        let rows = found.stream(&mut session).try_collect().await?;
        // There is nothing to commit.
        session.abort_transaction().await?;
        Ok(rows)
    }

    /// Gives numbers to rows that are in order; stops when another sequencer is at work.
    pub(super) async fn number(&mut self, rows: &[Unnumbered]) -> Result<(), StoreError> {
        for chunk in rows.chunks(CHUNK) {
            // Unknown again until all of them have their number.
            let Some(last) = self.last.take() else {
                return Ok(());
            };
            let command = numbering(self.outbox.name(), chunk, last)?;
            fail_point!("sequencer.before_numbering", |_| std::process::abort());
            let answer = self.database.run_command(command).await;
            fail_point!("sequencer.after_numbering", |_| std::process::abort());
            // Some rows may have their number even when the answer is an error.
            self.signals.wake_readers();
            if !all_numbered(&answer.map_err(|error| failure::of_read(&error))?, chunk.len())? {
                return Ok(());
            }
            self.last = Some(last + chunk.len() as u64);
        }
        Ok(())
    }

    /// Takes the lease or makes it longer; false while another process holds it.
    async fn hold_lease(&mut self) -> Result<bool, StoreError> {
        let now = Instant::now();
        if self.held_until.is_some_and(|until| until > now + LEASE / 2) {
            return Ok(true);
        }
        let wall = SystemClock.now().timestamp_millis();
        let life = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let (now_bson, until) = (DateTime::from_millis(wall), DateTime::from_millis(wall + life));
        // An end further away than any lease lasts was written by a clock that runs ahead.
        let absurd = DateTime::from_millis(wall + 5 * life);
        let free = doc! { "_id": "lease", "$or": [
            { "holder": uuid_to_bson(self.holder) },
            { "until": { "$lte": now_bson } },
            { "until": { "$gt": absurd } },
        ] };
        let taken = doc! { "$set": { "holder": uuid_to_bson(self.holder), "until": until } };
        match self.leases.update_one(free, taken).upsert(true).await {
            Ok(_) => {
                self.held_until = Some(now + LEASE);
                Ok(true)
            }
            Err(error) if failure::duplicate(&error).is_some() => {
                self.held_until = None;
                Ok(false)
            }
            Err(error) => Err(failure::of_read(&error)),
        }
    }

    fn forget(&mut self) {
        self.last = None;
        self.held_until = None;
    }

    /// So that another process need not wait for the lease to end.
    async fn release(&mut self) {
        if self.held_until.take().is_none() {
            return;
        }
        let ours = doc! { "_id": "lease", "holder": uuid_to_bson(self.holder) };
        let over = doc! { "$set": { "until": DateTime::from_millis(0) } };
        if let Err(cause) = self.leases.update_one(ours, over).await {
            tracing::debug!(%cause, "the lease for numbering events ends by itself");
        }
    }
}

/// The command that numbers rows one after the other and stops at the first refusal.
fn numbering(outbox: &str, rows: &[Unnumbered], last: u64) -> Result<Document, StoreError> {
    let updates = rows
        .iter()
        .zip(last + 1..)
        .map(|(row, seq)| {
            Ok(doc! {
                "q": { "_id": uuid_to_bson(row.id), "pending": true },
                "u": { "$set": { "seq": version_to_bson(seq)? }, "$unset": { "pending": "" } },
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    Ok(doc! {
        "update": outbox,
        "ordered": true,
        "updates": updates,
        "writeConcern": { "w": "majority", "j": true },
    })
}

/// Whether all rows got the numbers that were meant for them.
fn all_numbered(answer: &Document, expected: usize) -> Result<bool, StoreError> {
    if let Ok(failed) = answer.get_document("writeConcernError") {
        return Err(StoreError::unavailable(failed.to_string()));
    }
    if let Ok([bson::Bson::Document(first), ..]) = answer.get_array("writeErrors").map(Vec::as_slice) {
        let taken = first.get_i32("code").is_ok_and(failure::is_duplicate_key);
        return if taken {
            Ok(false)
        } else {
            Err(StoreError::unavailable(first.to_string()))
        };
    }
    let numbered = answer
        .get_i32("n")
        .map(i64::from)
        .or_else(|_| answer.get_i64("n"));
    Ok(numbered.is_ok_and(|count| usize::try_from(count) == Ok(expected)))
}

#[cfg(test)]
#[path = "sequencer_tests.rs"]
mod tests;
