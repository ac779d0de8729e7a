use super::{JobDone, JobHandler, JobRun};
use crate::Failure;
use chrono::TimeDelta;
use store::Store;

/// The job that removes blobs which were begun and never completed: what a process that died in the middle of an upload,
/// or of a removal, has left.
pub struct SweepBlobs {
    store: Store,
}

impl SweepBlobs {
    /// The kind of the job.
    pub const KIND: &'static str = "blobs.sweep";

    /// How often it is due.
    pub const EVERY: TimeDelta = TimeDelta::hours(1);

    /// How old a blob is that nobody can be writing any more: longer than any upload takes.
    pub const ABANDONED_AFTER: TimeDelta = TimeDelta::days(1);

    /// For the blobs of one group.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[async_trait::async_trait]
impl JobHandler for SweepBlobs {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        let before = self.store.sources().now() - Self::ABANDONED_AFTER;
        let swept = self.store.sweep_blobs(&job.cx(), before).await?;
        if swept > 0 {
            tracing::info!(
                group = self.store.group(),
                swept,
                "blobs that were never completed are gone"
            );
        }
        Ok(JobDone::empty())
    }
}
