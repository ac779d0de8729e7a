use super::models::AssignmentRecord;
use chrono::{DateTime, Utc};
use kernel::{AdvisorId, Text};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::ToSchema;

/// To whom a client goes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReassignRequest {
    /// The advisor whose book the client goes to.
    pub(crate) advisor_id: AdvisorId,
    /// Why.
    pub(crate) reason: Option<Text<1, 500>>,
}

/// That a client went from one book to another, or came back into the same one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct AssignmentResponse {
    /// Whose book it was.
    pub(crate) from_advisor_id: AdvisorId,
    /// Whose book it is since.
    pub(crate) to_advisor_id: AdvisorId,
    /// Why.
    pub(crate) reason: Option<String>,
    /// Who decided it, `user/…`.
    pub(crate) decided_by: String,
    /// When, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<AssignmentRecord>> for AssignmentResponse {
    fn from(stored: Stored<AssignmentRecord>) -> Self {
        Self {
            created_at: stored.created_at,
            from_advisor_id: stored.data.from_advisor_id,
            to_advisor_id: stored.data.to_advisor_id,
            reason: stored.data.reason,
            decided_by: stored.data.decided_by,
        }
    }
}
