use super::{
    models::{KycAlert, KycReview, ReviewResult},
    rules::RiskRating,
};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{CalendarDate, ClientId, Text};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a review of a client's identity found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReviewRequest {
    /// What it found.
    pub(crate) result: ReviewResult,
    /// How risky the client is: decides, with the client's jurisdiction, when to look again.
    pub(crate) risk_rating: RiskRating,
    /// When it was made: not in the future.
    pub(crate) reviewed_on: CalendarDate,
    /// What is to be remembered. Kept encrypted; needed for a rejection.
    pub(crate) remark: Option<Text<1, 1000>>,
}

/// A review of a client's identity.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReviewResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose identity.
    pub(crate) client_id: ClientId,
    /// What it found.
    pub(crate) result: ReviewResult,
    /// How risky the client is.
    pub(crate) risk_rating: RiskRating,
    /// By whose rules.
    pub(crate) jurisdiction: String,
    /// When it was made.
    pub(crate) reviewed_on: NaiveDate,
    /// The last day on which it is good; none for a rejection.
    pub(crate) good_until: Option<NaiveDate>,
    /// What is to be remembered.
    pub(crate) remark: Option<String>,
    /// Who made it, `user/…`.
    pub(crate) reviewed_by: String,
    /// When it was written down, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<KycReview>> for ReviewResponse {
    fn from(stored: Stored<KycReview>) -> Self {
        let (id, created_at, data) = (stored.id, stored.created_at, stored.data);
        Self {
            id,
            client_id: data.client_id,
            result: data.result,
            risk_rating: data.risk_rating,
            jurisdiction: data.jurisdiction,
            reviewed_on: data.reviewed_on,
            good_until: data.good_until,
            remark: data.remark,
            reviewed_by: data.reviewed_by,
            created_at,
        }
    }
}

/// How an identity check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KycStanding {
    /// There was none.
    Missing,
    /// It is good for more than 90 days.
    Valid,
    /// It ends within 90 days.
    Expiring,
    /// It has ended.
    Expired,
    /// It was refused.
    Rejected,
}

/// How a client's identity check stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct KycStatus {
    /// Whose.
    pub(crate) client_id: ClientId,
    /// The name.
    pub(crate) client_name: String,
    /// How it stands today.
    pub(crate) state: KycStanding,
    /// The last day on which it is good.
    pub(crate) kyc_expiry_date: Option<NaiveDate>,
    /// How many days are left; negative when it has ended.
    pub(crate) days_left: Option<i64>,
    /// Whether the name stands in the list of sanctions.
    pub(crate) sanctions_match: bool,
}

/// That a client's identity check ends soon.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct AlertResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) client_id: ClientId,
    /// The last day on which it is good.
    pub(crate) kyc_expiry_date: NaiveDate,
    /// How many days before the end it was told: 90, 60, 30 or 0.
    pub(crate) stage: u32,
    /// When it was told, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<KycAlert>> for AlertResponse {
    fn from(stored: Stored<KycAlert>) -> Self {
        Self {
            id: stored.id,
            client_id: stored.client_id,
            kyc_expiry_date: stored.good_until,
            stage: stored.stage,
            created_at: stored.created_at,
        }
    }
}
