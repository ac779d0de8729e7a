use super::models::HouseholdRecord;
use chrono::{DateTime, Utc};
use kernel::{AdvisorId, Amount, Currency, Text};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::ToSchema;
use uuid::Uuid;

/// A household's data.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct HouseholdRequest {
    /// What it is called.
    pub(crate) name: Text<1, 200>,
    /// In whose book: an admin must say it, an advisor's is their own.
    pub(crate) advisor_id: Option<AdvisorId>,
}

/// What the members of a household own in one currency.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct HouseholdAssets {
    /// The currency.
    pub(crate) currency: Currency,
    /// The sum.
    #[schema(value_type = f64)]
    pub(crate) total_assets: Amount,
}

/// A household.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct HouseholdResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// What it is called.
    pub(crate) name: String,
    /// In whose book.
    pub(crate) advisor_id: AdvisorId,
    /// How many clients belong to it; only where one household is read.
    pub(crate) members: Option<u32>,
    /// What they own together, by currency; only where one household is read.
    pub(crate) assets: Option<Vec<HouseholdAssets>>,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<HouseholdRecord>> for HouseholdResponse {
    fn from(stored: Stored<HouseholdRecord>) -> Self {
        Self {
            id: stored.id,
            version: stored.version,
            created_at: stored.created_at,
            name: stored.data.name,
            advisor_id: stored.data.advisor_id,
            members: None,
            assets: None,
        }
    }
}
