use super::models::{TaskRecord, TaskStatus};
use crate::prose::Prose;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, CalendarDate, ClientId, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A new task.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TaskRequest {
    /// What is to be done.
    pub(crate) title: Text<1, 200>,
    /// Until when.
    pub(crate) due_date: CalendarDate,
    /// More about it.
    pub(crate) notes: Option<Prose<10000>>,
    /// For which client; that of the meeting when it is left out.
    pub(crate) client_id: Option<ClientId>,
    /// For which meeting.
    pub(crate) meeting_id: Option<Uuid>,
}

/// A task's new data: what is left out is emptied.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TaskUpdateRequest {
    /// What is to be done.
    pub(crate) title: Text<1, 200>,
    /// Until when.
    pub(crate) due_date: CalendarDate,
    /// More about it.
    pub(crate) notes: Option<Prose<10000>>,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// A task.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TaskResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// For which client.
    pub(crate) client_id: Option<ClientId>,
    /// Who the client is as a user; without a client, who made the task.
    pub(crate) user_id: UserId,
    /// Whose task it is.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// For which meeting.
    pub(crate) meeting_id: Option<Uuid>,
    /// What is to be done; null once the client was erased.
    pub(crate) title: Option<String>,
    /// More about it.
    pub(crate) notes: Option<String>,
    /// Until when.
    pub(crate) due_date: NaiveDate,
    /// Whether it is open and the day it was due has passed.
    pub(crate) overdue: bool,
    /// `open` or `done`.
    pub(crate) status: TaskStatus,
    /// When it was done, UTC.
    pub(crate) done_at: Option<DateTime<Utc>>,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when it is known, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl TaskResponse {
    /// The task as it is today.
    pub(crate) fn new(stored: Stored<TaskRecord>, today: NaiveDate) -> Self {
        let Stored {
            id,
            version,
            created_at,
            updated_at,
            data,
            ..
        } = stored;
        Self {
            id,
            version,
            created_at,
            updated_at,
            overdue: data.status == TaskStatus::Open && data.due_date < today,
            client_id: data.client_id,
            user_id: data.user_id,
            advisor_id: data.advisor_id,
            meeting_id: data.meeting_id,
            title: data.title,
            notes: data.notes,
            due_date: data.due_date,
            status: data.status,
            done_at: data.done_at,
        }
    }
}

/// Which tasks.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TaskFilter {
    /// Only those for this client; not together with `meeting_id`.
    pub(crate) client_id: Option<ClientId>,
    /// Only those for this meeting.
    pub(crate) meeting_id: Option<Uuid>,
    /// Only those that are open, or done.
    #[param(inline)]
    pub(crate) status: Option<TaskStatus>,
    /// With `true` only those that are open and were due before today; not together with `status=done`.
    pub(crate) overdue: Option<bool>,
}
