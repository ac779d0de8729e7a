use super::JobRun;
use crate::Failure;
use async_trait::async_trait;
use serde::Serialize;
use serde_json::Value;
use store::Batch;

/// What does one kind of job.
#[async_trait]
pub trait JobHandler: Send + Sync + 'static {
    /// The kind, unique in the group.
    fn kind(&self) -> &'static str;

    /// How often a job is begun before it is given up.
    fn attempts(&self) -> u32 {
        10
    }

    /// Does a job. What it answers is committed together with "done", and [`JobRun::checkpoint`] commits parts of it
    /// earlier; it may be begun again after any of them, in this process or another. An effect outside these commits
    /// needs a key derived from the job's id.
    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure>;
}

/// What came of a job.
#[derive(Default)]
pub struct JobDone {
    pub(super) batch: Option<Batch>,
    pub(super) result: Option<Value>,
}

impl JobDone {
    /// Nothing is left to write or to tell.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The last of what is to be written.
    #[must_use]
    pub fn with_batch(mut self, batch: Batch) -> Self {
        self.batch = Some(batch);
        self
    }

    /// What is to be told to those who asked for the job.
    pub fn with_result(mut self, result: &impl Serialize) -> Result<Self, Failure> {
        self.result = Some(serde_json::to_value(result)?);
        Ok(self)
    }
}
