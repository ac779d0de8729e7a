use super::apply::Walk;
use crate::{error::Error, market::Market};
use events::{
    Failure,
    jobs::{JobDone, JobHandler, JobRun},
};
use serde::{Deserialize, Serialize};
use store::Store;
use uuid::Uuid;

/// The kind of the job.
pub(super) const KIND: &str = "wealth.corporate_action";

/// Which action.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ActionWork {
    pub(super) action_id: Uuid,
}

/// Does what is left of an action whose request ended before it did: because there are many portfolios, or because the
/// process died.
pub(crate) struct ActionJob {
    walk: Walk,
}

impl ActionJob {
    pub(crate) fn new(store: Store, market: Market) -> Self {
        Self {
            walk: Walk::new(store, market),
        }
    }
}

#[rpc::async_trait]
impl JobHandler for ActionJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        let work: ActionWork = job.payload()?;
        loop {
            let cx = job.cx();
            let budget = cx.deadline.remaining() / 2;
            let more = || cx.deadline.remaining() > budget;
            match self.walk.go_on(&cx, work.action_id, &more).await {
                Ok(true) | Err(Error::Missing { .. }) => return Ok(JobDone::empty()),
                Ok(false) => job.checkpoint(job.batch(), &()).await?,
                Err(error) => return Err(Failure::from_fault(error)),
            }
        }
    }
}
