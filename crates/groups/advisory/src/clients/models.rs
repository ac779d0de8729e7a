use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, Currency, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How much risk a client wants to bear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RiskProfile {
    /// Little.
    Conservative,
    /// Some.
    #[default]
    Moderate,
    /// Much.
    Aggressive,
}

impl RiskProfile {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            RiskProfile::Conservative => "conservative",
            RiskProfile::Moderate => "moderate",
            RiskProfile::Aggressive => "aggressive",
        }
    }
}

/// A client as it is stored. E-mail, phone, tax id and address are encrypted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClientRecord {
    pub(crate) user_id: UserId,
    pub(crate) advisor_id: AdvisorId,
    pub(crate) client_name: String,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) tax_id: Option<String>,
    pub(crate) risk_profile: RiskProfile,
    pub(crate) kyc_expiry_date: Option<NaiveDate>,
    pub(crate) total_assets: Decimal,
    pub(crate) currency: Currency,
    #[serde(default)]
    pub(crate) address: Option<String>,
    #[serde(default)]
    pub(crate) date_of_birth: Option<NaiveDate>,
    #[serde(default)]
    pub(crate) occupation: Option<String>,
    #[serde(default)]
    pub(crate) annual_income: Option<Decimal>,
    /// Whose rules of identity checks hold: a country of ISO 3166.
    #[serde(default)]
    pub(crate) jurisdiction: Option<String>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) household_id: Option<Uuid>,
    /// When somebody of the firm last spoke with, wrote to or met the client.
    #[serde(default)]
    pub(crate) last_contact_at: Option<DateTime<Utc>>,
    /// The part of `total_assets` that was added up from what other groups told.
    #[serde(default)]
    pub(crate) followed_assets: Decimal,
    /// Whether the last identity check was refused.
    #[serde(default)]
    pub(crate) kyc_rejected: bool,
    /// The most that `total_assets` ever was.
    #[serde(default)]
    pub(crate) peak_assets: Decimal,
    /// Counts the changes that people made; what follows from events leaves it alone. 0 in what is older than it.
    #[serde(default)]
    pub(crate) revision: u64,
    /// When a person changed it last, where what followed from events was written since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revised_at: Option<DateTime<Utc>>,
}

impl ClientRecord {
    /// A client of whom nothing is known yet but whose they are.
    pub(crate) fn new(user_id: UserId, advisor_id: AdvisorId, currency: Currency) -> Self {
        Self {
            user_id,
            advisor_id,
            client_name: String::new(),
            email: None,
            phone: None,
            tax_id: None,
            risk_profile: RiskProfile::default(),
            kyc_expiry_date: None,
            total_assets: Decimal::ZERO,
            currency,
            address: None,
            date_of_birth: None,
            occupation: None,
            annual_income: None,
            jurisdiction: None,
            tags: Vec::new(),
            household_id: None,
            last_contact_at: None,
            kyc_rejected: false,
            followed_assets: Decimal::ZERO,
            peak_assets: Decimal::ZERO,
            revision: 1,
            revised_at: None,
        }
    }

    /// What a person says the client owns now: from here on it follows what other groups tell.
    pub(crate) fn own(&mut self, total_assets: Decimal) {
        self.total_assets = total_assets;
        self.peak_assets = self.peak_assets.max(total_assets);
    }

    /// What `If-Match` and the `version` of a body name.
    pub(crate) fn version(&self) -> u64 {
        self.revision.max(1)
    }

    /// Counts a change that a person made.
    pub(crate) fn revise(&mut self) {
        self.revision = self.version() + 1;
        self.revised_at = None;
    }

    /// Takes over what other groups told: the total moves by as much.
    pub(crate) fn follow(&mut self, followed: Decimal) {
        self.own(self.total_assets - self.followed_assets + followed);
        self.followed_assets = followed;
    }
}
