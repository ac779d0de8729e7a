use super::models::SuppressionRecord;
use chrono::{DateTime, Utc};
use kernel::{Email, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// An address that is not to be written to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct SuppressRequest {
    /// The address, whatever its case.
    pub(crate) email: Email,
    /// Why, as in `asked not to be written to`.
    pub(crate) reason: Text<1, 500>,
}

/// An address that is not written to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct SuppressionResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Who said so.
    pub(crate) user_id: UserId,
    /// The address.
    pub(crate) email: String,
    /// Why.
    pub(crate) reason: String,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<SuppressionRecord>> for SuppressionResponse {
    fn from(stored: Stored<SuppressionRecord>) -> Self {
        Self {
            id: stored.id,
            created_at: stored.created_at,
            user_id: stored.data.user_id,
            email: stored.data.email,
            reason: stored.data.reason,
        }
    }
}

/// Which addresses.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SuppressionFilter {
    /// Only this address.
    pub(crate) email: Option<Email>,
}
