use crate::journal::AccountType;
use kernel::{Amount, CalendarDate, Currency, Text, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A new account of a chart.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LedgerAccountCreateRequest {
    /// In whose book; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// Its kind.
    #[serde(rename = "type")]
    pub(crate) account_type: AccountType,
    /// Its name, unique among those of its kind whatever its case and accents. Transactions of a category of this name
    /// stand on it.
    pub(crate) name: Text<1, 64>,
    /// A number or short text by which the chart is ordered; unique in the book.
    pub(crate) code: Option<Text<1, 20>>,
    /// The account under which it stands, as in `expense:household`: of the same kind.
    pub(crate) parent: Option<Text<1, 120>>,
}

/// An account's new data.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LedgerAccountUpdateRequest {
    /// In whose book; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// How it is shown; the name under which it is posted to stays.
    pub(crate) name: Option<Text<1, 64>>,
    /// A number or short text by which the chart is ordered; unique in the book.
    pub(crate) code: Option<Text<1, 20>>,
    /// The account under which it stands: of the same kind.
    pub(crate) parent: Option<Text<1, 120>>,
    /// Whether it takes nothing any more. What lies on it stays.
    pub(crate) closed: bool,
}

/// Whose chart, and when.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChartFilter {
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// With the balances at the end of this day; now when it is left out.
    pub(crate) as_of: Option<CalendarDate>,
}

/// An account of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LedgerAccountResponse {
    /// As entries name it: `money:0190…` or `expense:food`.
    pub(crate) account: String,
    /// The id: that of the money account, else made of book and name.
    pub(crate) id: Uuid,
    /// Its kind.
    #[serde(rename = "type")]
    pub(crate) account_type: AccountType,
    /// How it is shown.
    pub(crate) name: String,
    /// By which the chart is ordered.
    pub(crate) code: Option<String>,
    /// The account under which it stands.
    pub(crate) parent: Option<String>,
    /// Whether it takes nothing any more.
    pub(crate) closed: bool,
    /// What lies on it: in the usual sense of its kind, so that an income, a debt and one's own are positive.
    pub(crate) balances: Vec<CurrencyAmount>,
}

/// An amount in a currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CurrencyAmount {
    /// The currency.
    pub(crate) currency: Currency,
    /// How much.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
}
