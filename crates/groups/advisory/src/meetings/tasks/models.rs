use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, ClientId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether a task is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskStatus {
    /// It is to be done.
    Open,
    /// It is done.
    Done,
}

impl TaskStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            TaskStatus::Open => "open",
            TaskStatus::Done => "done",
        }
    }
}

/// A task as it is stored. Its texts are encrypted, and empty once the client was erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TaskRecord {
    /// The client as a user; who made it where there is no client.
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) meeting_id: Option<Uuid>,
    pub(crate) title: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) due_date: NaiveDate,
    pub(crate) status: TaskStatus,
    pub(crate) done_at: Option<DateTime<Utc>>,
}

impl Document for TaskRecord {
    fn collection() -> &'static Collection {
        static TASKS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("advisor_tasks", Scoping::Client)
                .field("client_id", FieldKind::Uuid)
                .field("meeting_id", FieldKind::Uuid)
                .field("status", FieldKind::Text)
                .field("due_date", FieldKind::Time)
                .belongs_to("client_id")
                .belongs_to("meeting_id")
                .serves(&[], &["due_date"])
                .serves(&["status"], &["due_date"])
                .serves(&["client_id"], &["due_date"])
                .serves(&["client_id", "status"], &["due_date"])
                .serves(&["meeting_id"], &["due_date"])
                .serves(&["meeting_id", "status"], &["due_date"])
                .encrypted("title")
                .encrypted("notes")
                .personal(&["title", "notes"])
        });
        &TASKS
    }
}
