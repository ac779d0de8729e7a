use super::{
    models::{Activity, ActivityKind, LeadRecord, Source, Stage},
    scoring::ScoreReason,
};
use crate::clients::RiskProfile;
use chrono::{DateTime, Utc};
use kernel::{AdvisorId, Amount, ClientId, Currency, Email, Text};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A new lead.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LeadCreateRequest {
    /// Who.
    pub(crate) name: Text<1, 200>,
    /// Where to write to. Kept encrypted.
    pub(crate) email: Option<Email>,
    /// Where to call. Kept encrypted.
    pub(crate) phone: Option<Text<3, 40>>,
    /// Where the lead came from; `other` when it is left out.
    pub(crate) source: Option<Source>,
    /// What there may be to look after: 0 or more.
    pub(crate) expected_assets: Option<Amount>,
    /// The currency of `expected_assets`; the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
    /// In whose book: an admin must say it, an advisor's is their own.
    pub(crate) advisor_id: Option<AdvisorId>,
}

/// A lead's new data: what is left out is emptied.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LeadUpdateRequest {
    /// Who.
    pub(crate) name: Text<1, 200>,
    /// Where to write to.
    pub(crate) email: Option<Email>,
    /// Where to call.
    pub(crate) phone: Option<Text<3, 40>>,
    /// Where the lead came from.
    pub(crate) source: Source,
    /// Where it stands: anything but `converted`; a lost one may be taken up again.
    pub(crate) stage: Stage,
    /// What there may be to look after: 0 or more.
    pub(crate) expected_assets: Option<Amount>,
    /// Why it is lost: needed for the stage `lost`, and for no other.
    pub(crate) lost_reason: Option<Text<1, 500>>,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// Something that happened with a lead.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ActivityRequest {
    /// What.
    pub(crate) kind: ActivityKind,
    /// When, UTC, not in the future; now when it is left out.
    pub(crate) at: Option<DateTime<Utc>>,
}

/// How a lead becomes a client.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ConvertRequest {
    /// How much risk the client wants to bear; `moderate` when it is left out.
    pub(crate) risk_profile: Option<RiskProfile>,
}

/// A lead.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LeadResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Who.
    pub(crate) name: String,
    /// Where to write to.
    pub(crate) email: Option<String>,
    /// Where to call.
    pub(crate) phone: Option<String>,
    /// Where the lead came from.
    pub(crate) source: Source,
    /// Where it stands.
    pub(crate) stage: Stage,
    /// What there may be to look after.
    #[schema(value_type = f64)]
    pub(crate) expected_assets: Amount,
    /// The currency of `expected_assets`.
    pub(crate) currency: Currency,
    /// Why it is lost.
    pub(crate) lost_reason: Option<String>,
    /// What happened, oldest first; the last 100.
    pub(crate) activities: Vec<Activity>,
    /// Whom it became.
    pub(crate) client_id: Option<ClientId>,
    /// In whose book.
    pub(crate) advisor_id: AdvisorId,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<LeadRecord>> for LeadResponse {
    fn from(stored: Stored<LeadRecord>) -> Self {
        let (id, version, created_at, data) = (stored.id, stored.version, stored.created_at, stored.data);
        Self {
            id,
            name: data.name,
            email: data.email,
            phone: data.phone,
            source: data.source,
            stage: data.stage,
            expected_assets: Amount(data.expected_assets),
            currency: data.currency,
            lost_reason: data.lost_reason,
            activities: data.activities,
            client_id: data.client_id,
            advisor_id: data.advisor_id,
            version,
            created_at,
        }
    }
}

/// A lead's score and where it comes from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LeadScore {
    /// Which lead.
    pub(crate) lead_id: Uuid,
    /// Who.
    pub(crate) name: String,
    /// The sum of the points of the reasons.
    #[schema(value_type = f64)]
    pub(crate) score: Amount,
    /// Why.
    pub(crate) reasons: Vec<ScoreReason>,
    /// Where it stands.
    pub(crate) stage: Stage,
}

/// Which leads, in which order.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LeadFilter {
    /// Only those in this stage.
    #[param(inline)]
    pub(crate) stage: Option<Stage>,
    /// Only names that begin with this, whatever the case and accents.
    pub(crate) search: Option<Text<1, 200>>,
}
