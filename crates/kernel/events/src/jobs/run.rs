use super::{
    JobId, JobRecord,
    claim::{Claim, Written},
};
use crate::Failure;
use kernel::{CallContext, Deadline, IdempotencyKey, Tasks, UserId};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use store::{Batch, Stored};

/// How long a call that a job makes may take.
const CALL_DEADLINE: Duration = Duration::from_secs(30);

/// One attempt at a job, in the hands of its handler.
pub struct JobRun {
    claim: Arc<Claim>,
    tasks: Tasks,
    id: JobId,
    attempt: u32,
    user: Option<UserId>,
    context: CallContext,
    payload: Value,
    progress: Option<Value>,
}

impl JobRun {
    pub(super) fn new(
        claim: Arc<Claim>,
        tasks: Tasks,
        job: &Stored<JobRecord>,
        context: CallContext,
    ) -> Self {
        Self {
            claim,
            tasks,
            id: JobId(job.id),
            attempt: job.attempts,
            user: job.user_id,
            context,
            payload: job.payload.clone(),
            progress: job.progress.clone(),
        }
    }

    /// Which job.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// The how-manieth attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The user who asked for it, if one did.
    pub fn user(&self) -> Option<UserId> {
        self.user
    }

    /// A key for an effect of this job in another group; the same in every attempt.
    pub fn key(&self, step: &str) -> Result<IdempotencyKey, Failure> {
        Ok(IdempotencyKey::parse(&format!("job-{}", self.id))?.step(step))
    }

    /// A fresh context: the group acting for itself in the job's firm, with 30 s to a call.
    pub fn cx(&self) -> CallContext {
        self.context
            .clone()
            .with_deadline(Deadline::within(CALL_DEADLINE))
    }

    /// A batch for [`JobRun::checkpoint`] or the end.
    pub fn batch(&self) -> Batch {
        self.claim.batch(&self.context)
    }

    /// What the job is about.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        Ok(T::deserialize(&self.payload)?)
    }

    /// How far an earlier attempt, or this one, came.
    pub fn progress<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        Ok(self.progress.as_ref().map(T::deserialize).transpose()?)
    }

    /// Whether the process is stopping: what is left will be done by the next one.
    pub fn is_stopping(&self) -> bool {
        self.tasks.is_stopping()
    }

    /// Commits part of the work together with how far it is. Refused when another process has taken the job over, and
    /// when the process is stopping (then the part is committed): pass the failure on.
    pub async fn checkpoint(&mut self, batch: Batch, progress: &impl Serialize) -> Result<(), Failure> {
        let progress = serde_json::to_value(progress)?;
        let due = batch.now() + self.claim.lease();
        let written = self
            .claim
            .write(batch, |job| {
                job.progress = Some(progress.clone());
                job.due = due;
            })
            .await?;
        if let Written::Lost = written {
            return Err(Failure::transient("another process has taken the job over"));
        }
        self.progress = Some(progress);
        match self.is_stopping() {
            true => Err(Failure::transient(
                "the process is stopping: the next one goes on",
            )),
            false => Ok(()),
        }
    }
}
