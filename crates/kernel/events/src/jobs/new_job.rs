use super::{JobId, JobRecord, JobState};
use chrono::{DateTime, Utc};
use kernel::{CallContext, CallError, NewEvent};
use serde::Serialize;
use serde_json::{Value, json};
use store::{Batch, Store};
use uuid::Uuid;

/// The event that tells every process that there is a new job.
const JOB_ENQUEUED: &str = "job.enqueued";

/// A job about to be asked for.
#[derive(Debug, Clone)]
pub struct NewJob {
    kind: String,
    payload: Value,
    due: Option<DateTime<Utc>>,
    id: Option<Uuid>,
}

impl NewJob {
    /// A job of a kind that a [`super::JobHandler`] is registered for, to be done at once.
    pub fn new(kind: &str, payload: &impl Serialize) -> Result<Self, CallError> {
        Ok(Self {
            kind: kind.to_owned(),
            payload: serde_json::to_value(payload).map_err(CallError::internal)?,
            due: None,
            id: None,
        })
    }

    /// Not before this moment.
    #[must_use]
    pub fn due(mut self, at: DateTime<Utc>) -> Self {
        self.due = Some(at);
        self
    }

    /// Under an id of the caller's choosing: asking for it a second time makes the commit fail as a duplicate.
    #[must_use]
    pub fn with_id(mut self, id: JobId) -> Self {
        self.id = Some(id.0);
        self
    }

    /// Puts the job into a batch of `store`: it is asked for when the batch is committed, together with everything
    /// else in it.
    pub fn enqueue(self, store: &Store, cx: &CallContext, batch: &mut Batch) -> JobId {
        let id = self.id.unwrap_or_else(|| store.sources().ids().next());
        let due = self.due.unwrap_or_else(|| batch.now());
        let data = json!({ "kind": self.kind, "due": due });
        let record = JobRecord {
            kind: self.kind,
            user_id: cx.principal.user().map(|user| user.user),
            request_id: cx.request_id,
            state: JobState::Queued,
            open: true,
            due,
            holder: None,
            attempts: 0,
            payload: self.payload,
            progress: None,
            result: None,
            error: None,
        };
        let stored = batch.insert(id, record);
        batch.event(NewEvent::new(cx, JOB_ENQUEUED, format!("job/{id}"), data).in_tenant(stored.tenant_id));
        JobId(id)
    }
}
