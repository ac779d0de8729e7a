use chrono::NaiveDate;
use kernel::{AdvisorId, Currency, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// A client as it is stored. E-mail, phone and tax id are encrypted.
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
}
