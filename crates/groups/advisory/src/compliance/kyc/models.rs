use super::rules::RiskRating;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, ClientId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;

/// What a review found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReviewResult {
    /// The client is who they say.
    Verified,
    /// That could not be shown.
    Rejected,
}

/// A review of a client's identity: inserted and never changed. It is read through its client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KycReview {
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) result: ReviewResult,
    pub(crate) risk_rating: RiskRating,
    pub(crate) jurisdiction: String,
    pub(crate) reviewed_on: NaiveDate,
    pub(crate) good_until: Option<NaiveDate>,
    pub(crate) remark: Option<String>,
    pub(crate) reviewed_by: String,
}

impl Document for KycReview {
    fn collection() -> &'static Collection {
        static REVIEWS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("kyc_reviews", Scoping::Owner)
                .field("client_id", FieldKind::Uuid)
                .belongs_to("client_id")
                .serves(&["client_id"], &["created_at"])
                .encrypted("remark")
                .personal(&["remark"])
        });
        &REVIEWS
    }
}

/// That a client's identity check ends soon. Its id follows from the client, the day and the stage: it is made once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KycAlert {
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) good_until: NaiveDate,
    /// How many days before the end: 90, 60, 30 or 0.
    pub(crate) stage: u32,
}

impl Document for KycAlert {
    fn collection() -> &'static Collection {
        static ALERTS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("kyc_alerts", Scoping::Client));
        &ALERTS
    }
}

/// When somebody is to be told of a client's identity check next. Its id is the client's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KycDeadline {
    pub(crate) good_until: Option<NaiveDate>,
    /// The last stage that was told.
    pub(crate) told: Option<u32>,
    pub(crate) next_at: Option<DateTime<Utc>>,
}

impl Document for KycDeadline {
    fn collection() -> &'static Collection {
        static DEADLINES: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("kyc_deadlines", Scoping::Tenant)
                .field("next_at", FieldKind::Time)
                .serves(&[], &["next_at"])
        });
        &DEADLINES
    }
}
