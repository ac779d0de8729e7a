use super::models::{ClientRecord, RiskProfile};
use crate::{error::Error, leads::LeadRecord};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, Amount, CalendarDate, ClientId, Currency, Email, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Where a client is at home of whom nothing else is said.
pub(crate) const DEFAULT_JURISDICTION: &str = "IN";

/// A new client. The user behind it is made as an invited user unless `user_id` names one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ClientCreateRequest {
    /// The name as the client writes it.
    pub(crate) client_name: Text<1, 200>,
    /// Where to write to.
    pub(crate) email: Option<Email>,
    /// Where to call.
    pub(crate) phone: Option<Text<3, 40>>,
    /// The tax number, PAN in India. Kept encrypted.
    pub(crate) tax_id: Option<Text<4, 32>>,
    /// How much risk the client wants to bear; `moderate` when it is left out.
    pub(crate) risk_profile: Option<RiskProfile>,
    /// Until when the identity check is good.
    pub(crate) kyc_expiry_date: Option<CalendarDate>,
    /// What the client owns as far as it is known: 0 or more; 0 when it is left out.
    pub(crate) total_assets: Option<Amount>,
    /// The currency of `total_assets`; the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
    /// In whose book: an admin must say it, an advisor's is their own.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// The user that the client already is; for admins.
    pub(crate) user_id: Option<UserId>,
    /// Where the client lives. Kept encrypted.
    pub(crate) address: Option<Text<1, 500>>,
    /// The day of birth, or of incorporation.
    pub(crate) date_of_birth: Option<CalendarDate>,
    /// What the client does.
    pub(crate) occupation: Option<Text<1, 200>>,
    /// What the client earns in a year, in `currency`: 0 or more.
    pub(crate) annual_income: Option<Amount>,
    /// Whose rules of identity checks hold: a country of ISO 3166, two capital letters; `IN` when it is left out.
    #[schema(pattern = "^[A-Z]{2}$")]
    pub(crate) jurisdiction: Option<Text<2, 2>>,
    /// Words to find the client by: 20 at most.
    pub(crate) tags: Option<Vec<Text<1, 50>>>,
    /// The household, of the same advisor.
    pub(crate) household_id: Option<Uuid>,
}

/// A client's new data: what is left out is emptied.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ClientUpdateRequest {
    /// The name as the client writes it.
    pub(crate) client_name: Text<1, 200>,
    /// Where to write to.
    pub(crate) email: Option<Email>,
    /// Where to call.
    pub(crate) phone: Option<Text<3, 40>>,
    /// The tax number, PAN in India. Kept encrypted.
    pub(crate) tax_id: Option<Text<4, 32>>,
    /// How much risk the client wants to bear.
    pub(crate) risk_profile: RiskProfile,
    /// Until when the identity check is good.
    pub(crate) kyc_expiry_date: Option<CalendarDate>,
    /// What the client owns: 0 or more; unchanged when it is left out.
    pub(crate) total_assets: Option<Amount>,
    /// Where the client lives. Kept encrypted.
    pub(crate) address: Option<Text<1, 500>>,
    /// The day of birth, or of incorporation.
    pub(crate) date_of_birth: Option<CalendarDate>,
    /// What the client does.
    pub(crate) occupation: Option<Text<1, 200>>,
    /// What the client earns in a year, in `currency`: 0 or more.
    pub(crate) annual_income: Option<Amount>,
    /// Whose rules of identity checks hold: a country of ISO 3166, two capital letters; `IN` when it is left out.
    #[schema(pattern = "^[A-Z]{2}$")]
    pub(crate) jurisdiction: Option<Text<2, 2>>,
    /// Words to find the client by: 20 at most.
    pub(crate) tags: Option<Vec<Text<1, 50>>>,
    /// The household, of the same advisor.
    pub(crate) household_id: Option<Uuid>,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// A client.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ClientResponse {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    pub(crate) id: ClientId,
    /// The name.
    pub(crate) client_name: String,
    /// Where to write to.
    pub(crate) email: Option<String>,
    /// What the client owns, in `currency`.
    #[schema(value_type = f64)]
    pub(crate) total_assets: Amount,
    /// `conservative`, `moderate` or `aggressive`.
    pub(crate) risk_profile: RiskProfile,
    /// Until when the identity check is good.
    pub(crate) kyc_expiry_date: Option<NaiveDate>,
    /// The currency of `total_assets`.
    pub(crate) currency: Currency,
    /// Where to call.
    pub(crate) phone: Option<String>,
    /// The tax number.
    pub(crate) tax_id: Option<String>,
    /// Where the client lives.
    pub(crate) address: Option<String>,
    /// The day of birth, or of incorporation.
    pub(crate) date_of_birth: Option<NaiveDate>,
    /// What the client does.
    pub(crate) occupation: Option<String>,
    /// What the client earns in a year, in `currency`.
    pub(crate) annual_income: Option<Amount>,
    /// Whose rules of identity checks hold.
    pub(crate) jurisdiction: String,
    /// Words to find the client by.
    pub(crate) tags: Vec<String>,
    /// The household.
    pub(crate) household_id: Option<Uuid>,
    /// When somebody of the firm last spoke with, wrote to or met the client, UTC.
    pub(crate) last_contact_at: Option<DateTime<Utc>>,
    /// The client as a user.
    pub(crate) user_id: UserId,
    /// In whose book.
    pub(crate) advisor_id: AdvisorId,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Last changed by a person, UTC: a total that follows what the client owns is no change.
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Stored<ClientRecord>> for ClientResponse {
    fn from(stored: Stored<ClientRecord>) -> Self {
        let Stored {
            id,
            created_at,
            updated_at,
            data,
            ..
        } = stored;
        let version = data.version();
        let updated_at = data.revised_at.unwrap_or(updated_at);
        Self {
            id: ClientId(id),
            client_name: data.client_name,
            email: data.email,
            total_assets: Amount(data.total_assets),
            risk_profile: data.risk_profile,
            kyc_expiry_date: data.kyc_expiry_date,
            currency: data.currency,
            phone: data.phone,
            tax_id: data.tax_id,
            address: data.address,
            date_of_birth: data.date_of_birth,
            occupation: data.occupation,
            annual_income: data.annual_income.map(Amount),
            jurisdiction: data
                .jurisdiction
                .unwrap_or_else(|| DEFAULT_JURISDICTION.to_owned()),
            tags: data.tags,
            household_id: data.household_id,
            last_contact_at: data.last_contact_at,
            user_id: data.user_id,
            advisor_id: data.advisor_id,
            version,
            created_at,
            updated_at,
        }
    }
}

/// Which clients, in which order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub(crate) struct ClientFilter {
    /// The order; a leading `-` turns it around. `client_name` when it is left out.
    #[param(inline)]
    pub(crate) sort: Option<ClientSort>,
    /// Only this risk profile.
    #[param(inline)]
    pub(crate) risk_profile: Option<RiskProfile>,
    /// Only names that begin with this, whatever the case and accents.
    pub(crate) search: Option<Text<1, 200>>,
    /// Only the client with this e-mail address.
    pub(crate) email: Option<Email>,
    /// Only clients with this tag.
    pub(crate) tag: Option<Text<1, 50>>,
    /// Only the members of this household.
    pub(crate) household_id: Option<Uuid>,
    /// Only those whose identity check ends before this day; needs `sort=kyc_expiry_date`.
    pub(crate) kyc_before: Option<CalendarDate>,
    /// Only those who own this much or more; needs `sort=total_assets`.
    pub(crate) min_assets: Option<Amount>,
}

/// How clients can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) enum ClientSort {
    #[serde(rename = "client_name")]
    Name,
    #[serde(rename = "-client_name")]
    NameDescending,
    #[serde(rename = "created_at")]
    Created,
    #[serde(rename = "-created_at")]
    CreatedDescending,
    #[serde(rename = "total_assets")]
    Assets,
    #[serde(rename = "-total_assets")]
    AssetsDescending,
    #[serde(rename = "kyc_expiry_date")]
    KycExpiry,
    #[serde(rename = "-kyc_expiry_date")]
    KycExpiryDescending,
}

impl ClientSort {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ClientSort::Name => "client_name",
            ClientSort::NameDescending => "-client_name",
            ClientSort::Created => "created_at",
            ClientSort::CreatedDescending => "-created_at",
            ClientSort::Assets => "total_assets",
            ClientSort::AssetsDescending => "-total_assets",
            ClientSort::KycExpiry => "kyc_expiry_date",
            ClientSort::KycExpiryDescending => "-kyc_expiry_date",
        }
    }
}

impl ClientCreateRequest {
    /// What is known of a lead.
    pub(crate) fn of_lead(lead: &LeadRecord, risk_profile: Option<RiskProfile>) -> Result<Self, Error> {
        let wrong = |field: &'static str| move |message: String| Error::invalid(field, message);
        Ok(Self {
            client_name: Text::parse(&lead.name).map_err(wrong("name"))?,
            email: lead
                .email
                .as_deref()
                .map(Email::parse)
                .transpose()
                .map_err(wrong("email"))?,
            phone: lead
                .phone
                .as_deref()
                .map(Text::parse)
                .transpose()
                .map_err(wrong("phone"))?,
            tax_id: None,
            risk_profile,
            kyc_expiry_date: None,
            total_assets: None,
            currency: Some(lead.currency),
            advisor_id: Some(lead.advisor_id),
            user_id: None,
            address: None,
            date_of_birth: None,
            occupation: None,
            annual_income: None,
            jurisdiction: None,
            tags: None,
            household_id: None,
        })
    }
}
