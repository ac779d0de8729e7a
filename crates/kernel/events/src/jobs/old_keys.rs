use super::{JobDone, JobHandler, JobRun, purge_ended};
use crate::Failure;
use chrono::TimeDelta;
use kernel::MAX_PAGE;
use store::{IdempotencyRecord, Query, Sort, Store};

/// The job that removes the idempotency keys whose thirty days are over, and with them the answers that they kept.
pub struct ForgetOldKeys {
    store: Store,
}

impl ForgetOldKeys {
    /// The kind of the job.
    pub const KIND: &'static str = "keys.forget";

    /// How often it is due.
    pub const EVERY: TimeDelta = TimeDelta::days(1);

    /// For the keys of one group.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[async_trait::async_trait]
impl JobHandler for ForgetOldKeys {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        let before = self.store.sources().now() - IdempotencyRecord::REMEMBERED;
        loop {
            let old = Query::sorted(Sort::ascending("created_at"))
                .between(None, Some(before.into()))
                .limit(MAX_PAGE);
            let page = self.store.find_everywhere::<IdempotencyRecord>(old).await?;
            if page.items.is_empty() {
                break;
            }
            let mut batch = job.batch();
            for key in &page.items {
                batch.remove(key);
            }
            job.checkpoint(batch, &()).await?;
        }
        purge_ended(&self.store, &job.cx(), Self::KIND, before).await?;
        Ok(JobDone::empty())
    }
}
