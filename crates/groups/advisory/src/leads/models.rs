use chrono::{DateTime, Utc};
use kernel::{AdvisorId, ClientId, Currency, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;

/// Where a lead stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Nobody has been in touch.
    #[default]
    New,
    /// Somebody has.
    Contacted,
    /// There is interest, and something to look after.
    Qualified,
    /// There is an offer.
    Proposal,
    /// Became a client; only converting brings a lead here.
    Converted,
    /// Will not become one.
    Lost,
}

impl Stage {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Stage::New => "new",
            Stage::Contacted => "contacted",
            Stage::Qualified => "qualified",
            Stage::Proposal => "proposal",
            Stage::Converted => "converted",
            Stage::Lost => "lost",
        }
    }
}

/// Where a lead came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// A client named them.
    Referral,
    /// A partner named them.
    Partner,
    /// An event of the firm.
    Event,
    /// The firm's pages.
    Website,
    /// A call that nobody had asked for.
    ColdCall,
    /// Anything else.
    #[default]
    Other,
}

/// What happened with a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActivityKind {
    /// A meeting.
    Meeting,
    /// A call that was answered.
    Call,
    /// An e-mail that the lead wrote.
    EmailReceived,
    /// An e-mail to the lead.
    EmailSent,
}

/// Something that happened with a lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Activity {
    /// What.
    pub(crate) kind: ActivityKind,
    /// When, UTC.
    pub(crate) at: DateTime<Utc>,
}

/// A lead as it is stored. E-mail and phone are encrypted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LeadRecord {
    /// Always none: a lead is nobody's own.
    pub(crate) user_id: Option<UserId>,
    pub(crate) advisor_id: AdvisorId,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) source: Source,
    pub(crate) stage: Stage,
    pub(crate) expected_assets: Decimal,
    pub(crate) currency: Currency,
    pub(crate) lost_reason: Option<String>,
    /// The last ones, oldest first.
    pub(crate) activities: Vec<Activity>,
    /// Whom it became.
    pub(crate) client_id: Option<ClientId>,
}

impl Document for LeadRecord {
    fn collection() -> &'static Collection {
        static LEADS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("leads", Scoping::Client)
                .field("name", FieldKind::Text)
                .field("stage", FieldKind::Text)
                .serves(&[], &["name", "created_at"])
                .serves(&["stage"], &["name", "created_at"])
                .encrypted("email")
                .encrypted("phone")
        });
        &LEADS
    }
}
