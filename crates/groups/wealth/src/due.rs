//! The group's own work: what is due by the clock. Every process asks for the job, one of them does it; and if two should do it at
//! once, each instalment and each step is still made once.

use crate::{
    error::Error,
    orders::Orders,
    schedules::Runner,
    timers::{Timer, TimerKind},
};
use chrono::TimeDelta;
use events::{
    Failure,
    jobs::{JobDone, JobHandler, JobRun, purge_ended},
};
use kernel::{CallContext, Fault};
use store::{Store, Stored};

/// How long the records of jobs that are done are kept.
const KEPT: TimeDelta = TimeDelta::days(1);

/// How often something is decided anew in one run of the job.
const MOST_RACES: usize = 16;

/// Does what is due.
pub(crate) struct DueJob {
    store: Store,
    runner: Runner,
    orders: Orders,
}

impl DueJob {
    /// The kind of the job.
    pub(crate) const KIND: &'static str = "wealth.due";

    pub(crate) fn new(store: Store, runner: Runner, orders: Orders) -> Self {
        Self {
            store,
            runner,
            orders,
        }
    }

    /// Does one thing; decides anew as often as somebody else was faster.
    async fn one(&self, timer: &Stored<Timer>) -> Result<(), Error> {
        let mut races = 0;
        loop {
            match self.attempt(timer).await {
                Err(error) if error.is_lost_race() && races < MOST_RACES => races += 1,
                done => return done,
            }
        }
    }

    async fn attempt(&self, timer: &Stored<Timer>) -> Result<(), Error> {
        match timer.kind {
            TimerKind::Schedule => self.runner.run_schedule(timer).await,
            TimerKind::Instalment => self.runner.retry(timer).await,
            TimerKind::OrderExpiry => {
                let ids = self.store.sources().ids();
                let cx = CallContext::system(self.store.group(), timer.tenant_id, ids);
                self.orders.expire(&cx, timer.id).await
            }
        }
    }
}

#[rpc::async_trait]
impl JobHandler for DueJob {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    /// One that cannot be done at the moment stays due and does not keep the others waiting.
    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        for kind in [TimerKind::OrderExpiry, TimerKind::Instalment, TimerKind::Schedule] {
            let mut cursor = None;
            loop {
                let (timers, next) = Timer::due(&self.store, kind, cursor)
                    .await
                    .map_err(Failure::from_fault)?;
                for timer in &timers {
                    if job.is_stopping() {
                        return Err(Failure::transient(
                            "the process is stopping: the next one goes on",
                        ));
                    }
                    if let Err(error) = self.one(timer).await {
                        tracing::warn!(
                            id = %timer.id,
                            kind = ?timer.kind,
                            code = %error.code(),
                            error = &error as &dyn std::error::Error,
                            "something that is due cannot be done at the moment: it is tried again"
                        );
                    }
                }
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
        }
        let before = self.store.sources().now() - KEPT;
        match purge_ended(&self.store, &job.cx(), Self::KIND, before).await {
            // Another process is at it.
            Err(error) if error.is_lost_race() => {}
            purged => {
                purged?;
            }
        }
        Ok(JobDone::empty())
    }
}
