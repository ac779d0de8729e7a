use crate::{
    error::Error,
    journal::{LedgerAccount, Leg},
    transactions::TransactionRecord,
};
use chrono::{DateTime, NaiveDate, Utc};
use finance_contract::TransactionKind;
use kernel::{Amount, CalendarDate, Currency, Money, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::ToSchema;
use uuid::Uuid;

/// One leg of an entry to be posted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LegRequest {
    /// The account of the book: `money:` and an account's id, or one of `asset`, `liability`, `equity`, `income` and
    /// `expense` and a name, as in `expense:food`.
    pub(crate) account: Text<1, 120>,
    /// A debit when positive, a credit when negative; not 0, no finer than the currency's smallest unit.
    pub(crate) amount: Amount,
    /// The currency; the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
}

/// A journal entry to be posted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct EntryCreateRequest {
    /// In whose book; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// The booking date; today in the installation's timezone when it is left out.
    pub(crate) date: Option<CalendarDate>,
    /// For what.
    pub(crate) description: Option<Text<0, 500>>,
    /// Two or more, which add up to 0 in each currency.
    #[schema(min_items = 2, max_items = 100)]
    pub(crate) legs: Vec<LegRequest>,
}

/// Why an entry is taken back, and when.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReversalRequest {
    /// Why.
    pub(crate) reason: Text<1, 500>,
    /// The booking date of the reversal; when it is left out that of the entry, or today once that day is closed.
    pub(crate) date: Option<CalendarDate>,
}

/// One leg of an entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LegResponse {
    /// The account, as in `expense:food`.
    pub(crate) account: String,
    /// A debit when positive, a credit when negative.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
    /// The currency.
    pub(crate) currency: Currency,
}

/// A journal entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct EntryResponse {
    /// The id: that of the transaction.
    pub(crate) id: Uuid,
    /// In whose book.
    pub(crate) user_id: UserId,
    /// What it is.
    #[serde(rename = "type")]
    pub(crate) kind: TransactionKind,
    /// The booking date.
    pub(crate) date: NaiveDate,
    /// For what.
    pub(crate) description: Option<String>,
    /// Its legs, which add up to 0 in each currency.
    pub(crate) legs: Vec<LegResponse>,
    /// The entry that this one takes back, if it takes one back.
    pub(crate) reverses: Option<Uuid>,
    /// Why it does.
    pub(crate) reason: Option<String>,
    /// The entry that took this one back, if one did.
    pub(crate) reversed_by: Option<Uuid>,
    /// When it was posted, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl EntryResponse {
    pub(crate) fn new(stored: Stored<TransactionRecord>, reversed_by: Option<Uuid>) -> Result<Self, Error> {
        let legs = stored.legs()?;
        Ok(Self {
            id: stored.id,
            user_id: stored.user_id,
            kind: stored.kind,
            date: stored.date,
            description: stored.data.description,
            legs: legs.as_slice().iter().map(LegResponse::from).collect(),
            reverses: stored.data.reverses,
            reason: stored.data.reason,
            reversed_by,
            created_at: stored.created_at,
        })
    }
}

impl From<&Leg> for LegResponse {
    fn from(leg: &Leg) -> Self {
        Self {
            account: leg.account.to_string(),
            amount: Amount(leg.amount.amount()),
            currency: leg.amount.currency(),
        }
    }
}

impl LegRequest {
    /// The leg, in the installation's currency unless it says another. `at` is its place, for messages.
    pub(crate) fn leg(&self, at: usize, installation: Currency) -> Result<Leg, Error> {
        let field = |name: &str| format!("legs[{at}].{name}");
        let account = self
            .account
            .as_str()
            .parse::<LedgerAccount>()
            .map_err(|message| Error::invalid(&field("account"), message))?;
        let amount = Money::new(self.amount.0, self.currency.unwrap_or(installation))
            .map_err(|error| Error::invalid(&field("amount"), error.to_string()))?;
        Ok(Leg::new(account, amount))
    }
}
