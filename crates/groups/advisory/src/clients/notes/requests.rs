use super::models::NoteRecord;
use chrono::{DateTime, Utc};
use kernel::Text;
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::ToSchema;
use uuid::Uuid;

/// A note.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct NoteRequest {
    /// What is to be remembered. Kept encrypted.
    pub(crate) text: Text<1, 4000>,
}

/// A note on a client.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct NoteResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// What is to be remembered.
    pub(crate) text: String,
    /// Who wrote it, `user/…`.
    pub(crate) written_by: String,
    /// When, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<NoteRecord>> for NoteResponse {
    fn from(stored: Stored<NoteRecord>) -> Self {
        Self {
            id: stored.id,
            created_at: stored.created_at,
            text: stored.data.text,
            written_by: stored.data.written_by,
        }
    }
}
