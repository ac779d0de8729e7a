use super::models::{ClientRecord, RiskProfile};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, Amount, CalendarDate, ClientId, Currency, Email, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};

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
    /// The client as a user.
    pub(crate) user_id: UserId,
    /// In whose book.
    pub(crate) advisor_id: AdvisorId,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Stored<ClientRecord>> for ClientResponse {
    fn from(stored: Stored<ClientRecord>) -> Self {
        let Stored {
            id,
            version,
            created_at,
            updated_at,
            data,
            ..
        } = stored;
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
            user_id: data.user_id,
            advisor_id: data.advisor_id,
            version,
            created_at,
            updated_at,
        }
    }
}

/// Which clients, in which order.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
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
}

/// How clients can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
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
