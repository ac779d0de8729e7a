use chrono::{DateTime, Utc};
use kernel::{RequestId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits until it is due.
    Queued,
    /// Somebody is at it.
    Running,
    /// Done; the result is there.
    Done,
    /// Given up; the error says why.
    Failed,
}

/// A job as it is stored. What it is about, how far it is and what came of it may be personal, and is encrypted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct JobRecord {
    pub(crate) kind: String,
    pub(crate) user_id: Option<UserId>,
    pub(crate) request_id: RequestId,
    pub(crate) state: JobState,
    /// Whether it is still to be done.
    pub(crate) open: bool,
    /// From when it may be taken; while somebody is at it, when their lease ends.
    pub(crate) due: DateTime<Utc>,
    /// The attempt under way, so that a process that was taken over from cannot write any more.
    pub(crate) holder: Option<Uuid>,
    pub(crate) attempts: u32,
    pub(crate) payload: Value,
    pub(crate) progress: Option<Value>,
    pub(crate) result: Option<Value>,
    pub(crate) error: Option<String>,
}

impl Document for JobRecord {
    fn collection() -> &'static Collection {
        static JOBS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("jobs", Scoping::Owner)
                .in_every_group()
                .field("kind", FieldKind::Text)
                .field("open", FieldKind::Bool)
                .field("due", FieldKind::Time)
                .serves(&["kind", "open"], &["due"])
                .encrypted("payload")
                .encrypted("progress")
                .encrypted("result")
                .removed_with_user()
                .holds_proofs()
        });
        &JOBS
    }
}

impl JobRecord {
    /// Lets go of it.
    pub(crate) fn leave(&mut self, state: JobState) {
        self.state = state;
        self.open = state == JobState::Queued;
        self.holder = None;
    }
}
