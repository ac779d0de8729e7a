use super::JobRecord;
use chrono::TimeDelta;
use kernel::CallContext;
use std::time::Duration;
use store::{Batch, Store, StoreError, Stored};
use tokio::sync::Mutex;
use uuid::Uuid;

/// One attempt at a job: every write of it is refused once another process has taken the job over.
pub(super) struct Claim {
    store: Store,
    holder: Uuid,
    lease: TimeDelta,
    job: Mutex<Stored<JobRecord>>,
}

/// What came of a write under a claim.
#[derive(Debug)]
pub(super) enum Written {
    /// It is committed.
    Yes,
    /// The job is not ours any more, and nothing was written.
    Lost,
}

impl Claim {
    pub(super) fn new(store: Store, holder: Uuid, lease: TimeDelta, job: Stored<JobRecord>) -> Self {
        Self {
            store,
            holder,
            lease,
            job: Mutex::new(job),
        }
    }

    pub(super) fn lease(&self) -> TimeDelta {
        self.lease
    }

    /// A batch of the job's firm.
    pub(super) fn batch(&self, cx: &CallContext) -> Batch {
        self.store.batch(cx)
    }

    /// Commits `batch` and a change of the job together.
    pub(super) async fn write(
        &self,
        batch: Batch,
        change: impl Fn(&mut JobRecord),
    ) -> Result<Written, StoreError> {
        let mut job = self.job.lock().await;
        loop {
            let mut attempt = batch.clone();
            let next = attempt.replace(&job.changed(&change));
            match self.store.commit(attempt).await {
                Ok(_) => {
                    *job = next;
                    return Ok(Written::Yes);
                }
                Err(error) => match self.store.get_anywhere::<JobRecord>(job.id).await? {
                    Some(fresh) if fresh.holder != Some(self.holder) => return self.ended(&fresh, &next),
                    Some(fresh) if fresh.version == job.version => return Err(error),
                    // A renewal whose answer was not waited for.
                    Some(fresh) => *job = fresh,
                    None => return Ok(Written::Lost),
                },
            }
        }
    }

    /// The job is not under this claim: because the write that ended it was committed without an answer, or because
    /// somebody else has it.
    fn ended(&self, fresh: &Stored<JobRecord>, next: &Stored<JobRecord>) -> Result<Written, StoreError> {
        match fresh.version == next.version && fresh.data == next.data {
            true => Ok(Written::Yes),
            false => Ok(Written::Lost),
        }
    }

    /// Renews the lease until the job is lost.
    pub(super) async fn keep(&self, cx: &CallContext) {
        let pause = self
            .lease
            .to_std()
            .unwrap_or_default()
            .max(Duration::from_millis(30))
            / 3;
        loop {
            tokio::time::sleep(pause).await;
            let batch = self.batch(cx);
            let due = batch.now() + self.lease;
            match self.write(batch, |job| job.due = due).await {
                Ok(Written::Yes) => {}
                Ok(Written::Lost) => return,
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the lease of a job could not be renewed: it may be taken over"
                ),
            }
        }
    }
}
