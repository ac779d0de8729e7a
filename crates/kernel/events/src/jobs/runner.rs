use super::{
    JobDone, JobHandler, JobOptions, JobRecord, JobRun, JobState,
    claim::{Claim, Written},
};
use crate::{EventMetrics, Failure, backoff::Backoff};
use chrono::{DateTime, TimeDelta, Utc};
use fail::fail_point;
use futures::FutureExt;
use kernel::{CallContext, Sources, Tasks};
use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use store::{Query, Sort, Store, StoreError, Stored};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use uuid::Uuid;

/// Does a group's jobs. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    pub(super) parts: Arc<Parts>,
}

pub(super) struct Parts {
    pub(super) store: Store,
    pub(super) tasks: Tasks,
    metrics: EventMetrics,
    options: JobOptions,
    free: Arc<Semaphore>,
    ended: Notify,
    pub(super) active: watch::Sender<bool>,
}

type Handlers = BTreeMap<&'static str, Arc<dyn JobHandler>>;

/// How an attempt ended.
enum Ended {
    Answered(Box<Result<JobDone, Failure>>),
    Lost,
    Stopped,
}

impl Ended {
    fn failed(reason: &str) -> Self {
        Self::Answered(Box::new(Err(Failure::permanent(reason))))
    }
}

impl Jobs {
    /// Jobs of the group whose store this is.
    pub fn new(store: Store, tasks: Tasks, metrics: EventMetrics) -> Self {
        Self::with_options(store, tasks, metrics, JobOptions::default())
    }

    /// Jobs with other patience.
    pub fn with_options(store: Store, tasks: Tasks, metrics: EventMetrics, options: JobOptions) -> Self {
        Self {
            parts: Arc::new(Parts {
                free: Arc::new(Semaphore::new(options.at_once)),
                store,
                tasks,
                metrics,
                options,
                ended: Notify::new(),
                active: watch::Sender::new(true),
            }),
        }
    }

    /// Lets jobs be begun here, or leaves them to other processes: a process for which the group is remote begins none.
    /// What has begun goes on. New ones begin.
    pub fn set_active(&self, active: bool) {
        self.parts.active.send_replace(active);
    }

    /// Does jobs of these kinds on the current runtime until the process stops.
    pub fn run(&self, handlers: Vec<Arc<dyn JobHandler>>) {
        let handlers: Handlers = handlers
            .into_iter()
            .map(|handler| (handler.kind(), handler))
            .collect();
        let parts = self.parts.clone();
        drop(self.parts.tasks.spawn(async move {
            let stopping = parts.tasks.token();
            stopping.run_until_cancelled(parts.work(&handlers)).await;
        }));
    }
}

impl Parts {
    fn sources(&self) -> &Sources {
        self.store.sources()
    }

    async fn work(self: &Arc<Self>, handlers: &Handlers) {
        let mut changes = self.store.feed_changes();
        let mut active = self.active.subscribe();
        let mut backoff = Backoff::new(Duration::from_millis(100), self.options.look_again);
        loop {
            if active.wait_for(|active| *active).await.is_err() {
                return;
            }
            changes.borrow_and_update();
            let ended = self.ended.notified();
            let pause = match self.begin_due(handlers).await {
                Ok(next) => {
                    backoff.reset();
                    self.pause_until(next)
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "jobs cannot be looked for at the moment"
                    );
                    backoff.next(self.sources())
                }
            };
            let changed = async {
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = changed => {}
                () = ended => {}
                _ = active.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn pause_until(&self, next: Option<DateTime<Utc>>) -> Duration {
        let until_next = next.map(|due| (due - self.sources().now()).to_std().unwrap_or_default());
        until_next.map_or(self.options.look_again, |span| {
            span.clamp(Duration::from_millis(1), self.options.look_again)
        })
    }

    /// Begins what is due while there is room, and answers when the next one is.
    async fn begin_due(self: &Arc<Self>, handlers: &Handlers) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut next: Option<DateTime<Utc>> = None;
        for handler in handlers.values() {
            for job in self.waiting(handler.kind()).await? {
                if job.due > self.sources().now() {
                    next = Some(next.map_or(job.due, |next| next.min(job.due)));
                    break;
                }
                let Ok(room) = self.free.clone().try_acquire_owned() else {
                    // Somebody has to end first, and says so.
                    return Ok(None);
                };
                self.begin(job, handler.clone(), room).await?;
            }
        }
        Ok(next)
    }

    async fn waiting(&self, kind: &str) -> Result<Vec<Stored<JobRecord>>, StoreError> {
        let limit = u32::try_from(self.options.at_once + 1).unwrap_or(kernel::MAX_PAGE);
        let query = Query::sorted(Sort::ascending("due"))
            .equals("kind", kind)
            .equals("open", true)
            .limit(limit);
        Ok(self.store.find_everywhere::<JobRecord>(query).await?.items)
    }

    /// Takes a job, unless another process was faster.
    async fn begin(
        self: &Arc<Self>,
        job: Stored<JobRecord>,
        handler: Arc<dyn JobHandler>,
        room: OwnedSemaphorePermit,
    ) -> Result<(), StoreError> {
        let cx = self.context_of(&job);
        let holder: Uuid = self.sources().ids().next();
        let mut batch = self.store.batch(&cx);
        let due = batch.now() + self.options.lease;
        let taken = batch.replace(&job.changed(|job| {
            job.state = JobState::Running;
            job.holder = Some(holder);
            job.due = due;
            job.attempts = job.attempts.saturating_add(1);
        }));
        match self.store.commit(batch).await {
            Ok(_) => {
                let parts = self.clone();
                drop(self.tasks.spawn(async move {
                    parts.attempt(taken, holder, &*handler, cx).await;
                    drop(room);
                    parts.ended.notify_one();
                }));
                Ok(())
            }
            Err(error) if error.is_lost_race() => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn context_of(&self, job: &Stored<JobRecord>) -> CallContext {
        let mut cx = CallContext::system(self.store.group(), job.tenant_id, self.sources().ids());
        cx.request_id = job.request_id;
        cx
    }

    /// Makes one attempt and writes down what came of it.
    async fn attempt(&self, job: Stored<JobRecord>, holder: Uuid, handler: &dyn JobHandler, cx: CallContext) {
        let claim = Arc::new(Claim::new(
            self.store.clone(),
            holder,
            self.options.lease,
            job.clone(),
        ));
        let ended = match job.attempts > handler.attempts() {
            true => Ended::failed("it was interrupted too often"),
            false => self.handle(&claim, &job, handler, &cx).await,
        };
        let (outcome, written) = match ended {
            Ended::Lost => ("lost", Ok(Written::Lost)),
            Ended::Stopped => ("stopped", self.put_back(&claim, &cx).await),
            Ended::Answered(answer) => match *answer {
                Ok(done) => self.done(&claim, &job, handler, done, &cx).await,
                Err(failure) => self.failed(&claim, &job, handler, &failure, &cx).await,
            },
        };
        let outcome = match written {
            Ok(Written::Yes) => outcome,
            Ok(Written::Lost) => "lost",
            Err(error) => {
                tracing::error!(
                    kind = job.kind,
                    job = %job.id,
                    error = &error as &dyn std::error::Error,
                    "what came of a job could not be written down: it will be done again"
                );
                "unwritten"
            }
        };
        self.metrics.job(self.store.group(), &job.kind, outcome);
    }

    async fn handle(
        &self,
        claim: &Arc<Claim>,
        job: &Stored<JobRecord>,
        handler: &dyn JobHandler,
        cx: &CallContext,
    ) -> Ended {
        fail_point!("jobs.after_claim", |_| std::process::abort());
        let mut run = JobRun::new(claim.clone(), self.tasks.clone(), job, cx.clone());
        let handled = AssertUnwindSafe(handler.run(&mut run)).catch_unwind();
        let out_of_patience = async {
            self.tasks.stopping().await;
            tokio::time::sleep(self.options.stop_patience).await;
        };
        let answer = tokio::select! {
            answer = handled => answer,
            () = claim.keep(cx) => return Ended::Lost,
            () = out_of_patience => return Ended::Stopped,
        };
        match answer {
            Ok(Err(failure)) if failure.is_transient() && self.tasks.is_stopping() => Ended::Stopped,
            Ok(answer) => Ended::Answered(Box::new(answer)),
            Err(_) => Ended::failed("the job panicked: see the log"),
        }
    }

    async fn done(
        &self,
        claim: &Claim,
        job: &Stored<JobRecord>,
        handler: &dyn JobHandler,
        done: JobDone,
        cx: &CallContext,
    ) -> (&'static str, Result<Written, StoreError>) {
        let batch = done.batch.unwrap_or_else(|| claim.batch(cx));
        fail_point!("jobs.before_done", |_| std::process::abort());
        let written = claim
            .write(batch, |job| {
                job.leave(JobState::Done);
                job.result = done.result.clone();
                job.error = None;
            })
            .await;
        fail_point!("jobs.after_done", |_| std::process::abort());
        match written {
            Ok(written) => ("done", Ok(written)),
            // What the handler wanted to write was refused; the job itself can still be written.
            Err(error) => self.failed(claim, job, handler, &Failure::from(error), cx).await,
        }
    }

    async fn failed(
        &self,
        claim: &Claim,
        job: &Stored<JobRecord>,
        handler: &dyn JobHandler,
        failure: &Failure,
        cx: &CallContext,
    ) -> (&'static str, Result<Written, StoreError>) {
        tracing::warn!(
            kind = job.kind,
            job = %job.id,
            attempts = job.attempts,
            error = failure as &dyn std::error::Error,
            "a job failed"
        );
        let again = failure.is_transient() && job.attempts < handler.attempts();
        let backoff = Backoff::new(self.options.first_backoff, self.options.longest_backoff);
        let wait = TimeDelta::from_std(backoff.after(job.attempts, self.sources())).unwrap_or_default();
        let batch = claim.batch(cx);
        let due = batch.now() + wait;
        let written = claim
            .write(batch, |job| {
                job.leave(if again { JobState::Queued } else { JobState::Failed });
                job.due = due;
                job.error = Some(failure.to_string());
            })
            .await;
        (if again { "retried" } else { "failed" }, written)
    }

    /// The process is stopping: the next one begins at once, and this attempt does not count.
    async fn put_back(&self, claim: &Claim, cx: &CallContext) -> Result<Written, StoreError> {
        let batch = claim.batch(cx);
        let now = batch.now();
        claim
            .write(batch, |job| {
                job.leave(JobState::Queued);
                job.due = now;
                job.attempts = job.attempts.saturating_sub(1);
            })
            .await
    }
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs").field("store", &self.parts.store).finish()
    }
}
