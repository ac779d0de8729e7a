use super::models::{AccountKind, AccountRecord};
use chrono::{DateTime, Utc};
use kernel::{AdvisorId, Amount, ClientId, Currency, Text, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A new account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct AccountCreateRequest {
    /// What the owner calls it.
    pub(crate) name: Text<1, 120>,
    /// What kind it is.
    pub(crate) kind: AccountKind,
    /// Its currency, for ever; the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
    /// Whose; the caller's own when it is left out. Advisors name their clients, admins anybody of the firm.
    pub(crate) user_id: Option<UserId>,
}

/// An account's new data.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct AccountUpdateRequest {
    /// What the owner calls it.
    pub(crate) name: Text<1, 120>,
    /// What kind it is.
    pub(crate) kind: AccountKind,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// An account and what is on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AccountResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// Through which advisory relationship it is advised, if it is.
    pub(crate) client_id: Option<ClientId>,
    /// In whose book, if in one.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// What the owner calls it.
    pub(crate) name: String,
    /// What kind it is.
    pub(crate) kind: AccountKind,
    /// Its currency.
    pub(crate) currency: Currency,
    /// Everything that came in less everything that went out, to the smallest unit; below zero for what is owed.
    #[schema(value_type = f64)]
    pub(crate) balance: Amount,
    /// Counts changes of the account's data from 1; the `ETag`. Postings do not count.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Data last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl AccountResponse {
    pub(crate) fn new(stored: Stored<AccountRecord>, balance: Decimal) -> Self {
        let Stored {
            id,
            version,
            created_at,
            updated_at,
            data,
            ..
        } = stored;
        Self {
            id,
            user_id: data.user_id,
            client_id: data.client_id,
            advisor_id: data.advisor_id,
            name: data.name,
            kind: data.kind,
            currency: data.currency,
            balance: Amount(balance),
            version,
            created_at,
            updated_at,
        }
    }
}

/// In which order.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccountFilter {
    /// The order; a leading `-` turns it around. `created_at` when it is left out.
    #[param(inline)]
    pub(crate) sort: Option<AccountSort>,
}

/// How accounts can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) enum AccountSort {
    #[serde(rename = "created_at")]
    Created,
    #[serde(rename = "-created_at")]
    CreatedDescending,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDescending,
}

impl AccountSort {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            AccountSort::Created => "created_at",
            AccountSort::CreatedDescending => "-created_at",
            AccountSort::Name => "name",
            AccountSort::NameDescending => "-name",
        }
    }
}
