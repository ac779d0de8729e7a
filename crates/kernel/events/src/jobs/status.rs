use super::{JobId, JobRecord, JobState};
use chrono::{DateTime, Utc};
use kernel::Scope;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Store, StoreError, Stored};
use utoipa::ToSchema;

/// A job as those who asked for it see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobStatus {
    /// Which.
    pub id: JobId,
    /// Of which kind.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// How often it was begun.
    pub attempts: u32,
    /// When it will be begun (again), UTC; while it runs, when it would be taken over.
    pub due: DateTime<Utc>,
    /// How far it is, in the words of its kind.
    #[schema(value_type = Option<Object>)]
    pub progress: Option<Value>,
    /// What came of it.
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// What went wrong the last time.
    pub error: Option<String>,
    /// When it was asked for, UTC.
    pub created_at: DateTime<Utc>,
    /// When it last changed, UTC.
    pub updated_at: DateTime<Utc>,
}

impl From<Stored<JobRecord>> for JobStatus {
    fn from(stored: Stored<JobRecord>) -> Self {
        Self {
            id: JobId(stored.id),
            kind: stored.data.kind,
            state: stored.data.state,
            attempts: stored.data.attempts,
            due: stored.data.due,
            progress: stored.data.progress,
            result: stored.data.result,
            error: stored.data.error,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}

/// A job that the caller may see: their own, or for a firm's overseers any of the firm.
pub async fn status(store: &Store, scope: &Scope, id: JobId) -> Result<Option<JobStatus>, StoreError> {
    Ok(store.get::<JobRecord>(scope, id).await?.map(JobStatus::from))
}
