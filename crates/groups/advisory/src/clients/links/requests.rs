use super::models::{LinkRecord, Relation};
use chrono::{DateTime, Utc};
use kernel::UserId;
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::ToSchema;

/// A user who may look at a client.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LinkRequest {
    /// Who: an advisor may name the users of the own clients, an admin any user of the firm.
    pub(crate) user_id: UserId,
    /// What the user is to the client.
    pub(crate) relation: Relation,
}

/// That a user may look at a client.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LinkResponse {
    /// Who.
    pub(crate) user_id: UserId,
    /// What the user is to the client.
    pub(crate) relation: Relation,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<LinkRecord>> for LinkResponse {
    fn from(stored: Stored<LinkRecord>) -> Self {
        Self {
            user_id: stored.user_id,
            relation: stored.relation,
            created_at: stored.created_at,
        }
    }
}
