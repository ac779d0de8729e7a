use super::{
    Parts, Projection,
    place::{Moved, Place},
    run::Run,
};
use crate::{Failure, backoff::Backoff, dead_letter::DeadLetterRecord, metrics::CursorMetrics};
use fail::fail_point;
use futures::FutureExt;
use kernel::{CallContext, EventEnvelope};
use std::panic::AssertUnwindSafe;
use store::{Batch, StoreError};

/// How often a projection decides anew at once after losing a race for a document.
const RACES: u32 = 16;

/// Brings one event to a projection.
pub(super) struct Delivery<'a> {
    pub(super) parts: &'a Parts,
    pub(super) projection: &'a dyn Projection,
    pub(super) place: &'a mut Place,
    pub(super) metrics: &'a CursorMetrics,
}

impl Delivery<'_> {
    /// Tries to deal with a run of events in one commit. None when that cannot be done: then each is to be delivered on
    /// its own, which also finds out which one is to blame.
    pub(super) async fn deliver_together(&mut self, run: &Run<'_>) -> Result<Option<Moved>, StoreError> {
        let [_, .., last] = run.events() else {
            return Ok(None);
        };
        for _ in 0..RACES {
            let Ok(batch) = self.parts.apply_run(self.projection, run).await else {
                return Ok(None);
            };
            match self.place.commit(batch, last.seq).await {
                Ok(Moved::Here) => {
                    self.metrics.handled_many("applied", run.events().len());
                    return Ok(Some(Moved::Here));
                }
                Ok(Moved::ByAnother) => return Ok(Some(Moved::ByAnother)),
                Err(error) if error.is_lost_race() => {}
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Tries until the event is dealt with, buried as a dead letter, or somebody else has moved on. Fails only while
    /// the group's own store is away.
    pub(super) async fn deliver(&mut self, event: &EventEnvelope) -> Result<Moved, StoreError> {
        let options = &self.parts.options;
        let backoff = Backoff::new(options.first_backoff, options.longest_backoff);
        let (mut failures, mut races) = (0, 0);
        loop {
            let failure = match self.parts.apply(self.projection, event).await {
                Ok(batch) => match self.place.commit(batch, event.seq).await {
                    Ok(moved) => return Ok(self.counted(moved, "applied")),
                    Err(error) if error.is_lost_race() && races < RACES => {
                        tracing::debug!(
                            error = &error as &dyn std::error::Error,
                            "a projection lost a race"
                        );
                        races += 1;
                        continue;
                    }
                    // Perhaps a race that was lost once more, perhaps the projection's own mistake: attempts are counted.
                    Err(error @ StoreError::Duplicate { .. }) => Failure::maybe_transient(error),
                    Err(error) => match Failure::from(error.clone()) {
                        Failure::Transient { .. } => return Err(error),
                        failure => failure,
                    },
                },
                Err(failure) => failure,
            };
            failures += 1;
            if loses_retry() {
                let nothing = self.parts.store.batch(&self.parts.context_of(event));
                return self.place.commit(nothing, event.seq).await;
            }
            let tried_enough = failures >= options.attempts && self.projection.gives_up();
            if !failure.is_transient() || tried_enough {
                return self.bury(event, &failure, failures).await;
            }
            self.log(event, &failure, failures);
            self.metrics.handled("retried");
            tokio::time::sleep(backoff.after(failures, self.parts.store.sources())).await;
            if self.place.reload().await? {
                return Ok(Moved::ByAnother);
            }
        }
    }

    fn counted(&self, moved: Moved, outcome: &'static str) -> Moved {
        if moved == Moved::Here {
            self.metrics.handled(outcome);
        }
        moved
    }

    /// Keeps the event as a dead letter and moves on, in one commit.
    async fn bury(
        &mut self,
        event: &EventEnvelope,
        failure: &Failure,
        attempts: u32,
    ) -> Result<Moved, StoreError> {
        tracing::error!(
            consumer = self.projection.name(),
            feed = event.producer,
            seq = event.seq,
            event_type = event.event_type,
            attempts,
            error = failure as &dyn std::error::Error,
            "an event was given up as a dead letter"
        );
        let mut batch = self.parts.store.batch(&self.parts.context_of(event));
        let letter = DeadLetterRecord {
            consumer: self.projection.name().to_owned(),
            event: event.clone(),
            reason: failure.to_string(),
            attempts,
        };
        letter.put(&self.parts.store, &mut batch).await?;
        let moved = self.place.commit(batch, event.seq).await?;
        Ok(self.counted(moved, "dead"))
    }

    fn log(&self, event: &EventEnvelope, failure: &Failure, attempts: u32) {
        tracing::warn!(
            consumer = self.projection.name(),
            feed = event.producer,
            seq = event.seq,
            event_type = event.event_type,
            attempts,
            error = failure as &dyn std::error::Error,
            "an event failed and will be tried again"
        );
    }
}

impl Parts {
    /// Asks a projection what an event causes. A panic is a failure that trying again does not mend.
    pub(super) async fn apply(
        &self,
        projection: &dyn Projection,
        event: &EventEnvelope,
    ) -> Result<Batch, Failure> {
        fail_point!("consumer.before_apply", |_| std::process::abort());
        fail_point!("consumer.fail", |_| Err(Failure::transient(
            "the fault harness refuses it"
        )));
        let cx = self.context_of(event);
        in_time(&cx, projection.apply(&cx, event)).await
    }

    /// Asks a projection what a run of events causes.
    async fn apply_run(&self, projection: &dyn Projection, run: &Run<'_>) -> Result<Batch, Failure> {
        let Some(first) = run.events().first() else {
            return Err(Failure::permanent("there is nothing to apply"));
        };
        fail_point!("consumer.before_apply", |_| std::process::abort());
        fail_point!("consumer.fail", |_| Err(Failure::transient(
            "the fault harness refuses it"
        )));
        let cx = self.context_of(first);
        in_time(&cx, projection.apply_run(&cx, run.events())).await
    }
}

/// What a projection answers within the deadline of `cx`. A panic is a failure.
async fn in_time(
    cx: &CallContext,
    applied: impl Future<Output = Result<Batch, Failure>>,
) -> Result<Batch, Failure> {
    let applied = AssertUnwindSafe(applied).catch_unwind();
    match tokio::time::timeout_at(cx.deadline.instant(), applied).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(Failure::permanent("the consumer panicked: see the log")),
        Err(_) => Err(Failure::transient("the consumer did not answer in time")),
    }
}

/// A mistake that the fault harness plants, to prove that it would find it: what failed once is given up silently.
fn loses_retry() -> bool {
    fail_point!("planted.lose_retry", |_| true);
    false
}
