use super::models::{TransactionRecord, created, reversed};
use crate::error::Error;
use chrono::{DateTime, NaiveDate, Utc};
use finance_contract::{NewTransaction, TRANSACTION_CREATED, TRANSACTION_REVERSED, TransactionKind};
use kernel::{
    AdvisorId, Amount, CalendarDate, CallError, ClientId, Currency, NewEvent, RequestId, Text, UserId,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What can be posted as a transaction. Other entries have their own route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PostedKind {
    /// Money comes in.
    Income,
    /// Money goes out.
    Expense,
    /// Money moves from one of the user's accounts to another.
    Transfer,
}

/// An income, an expense or a transfer to be posted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TransactionCreateRequest {
    /// Which way.
    #[serde(rename = "type")]
    pub(crate) kind: PostedKind,
    /// How much: more than 0, less than 10^18, no finer than the currency's smallest unit.
    #[schema(schema_with = positive_amount)]
    pub(crate) amount: Amount,
    /// For what.
    pub(crate) description: Option<Text<0, 500>>,
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// On which account, or from which one; the user's main account in the currency when it is left out, which is
    /// opened when needed.
    pub(crate) account_id: Option<Uuid>,
    /// To which account of the same user: for a transfer and only for one.
    pub(crate) to_account_id: Option<Uuid>,
    /// How much arrives there, in its currency: for a transfer between two currencies, by the rate of the day when it is
    /// left out.
    #[schema(schema_with = optional_positive_amount)]
    pub(crate) received_amount: Option<Amount>,
    /// The category, whatever its case and accents; `uncategorised` when it is left out. A transfer has none.
    pub(crate) category: Option<Text<1, 64>>,
    /// The booking date; today in the installation's timezone when it is left out.
    pub(crate) date: Option<CalendarDate>,
    /// The currency, which must be the account's; the account's or the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
}

/// What has to be checked and posted, wherever it comes from.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Posting {
    pub(crate) user_id: Option<UserId>,
    pub(crate) account_id: Option<Uuid>,
    pub(crate) kind: TransactionKind,
    pub(crate) amount: Decimal,
    pub(crate) currency: Option<Currency>,
    // Left out where there is none, so that a key used before there were transfers still knows its request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to_account_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) received: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) received_currency: Option<Currency>,
    pub(crate) description: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) date: Option<NaiveDate>,
}

impl From<TransactionCreateRequest> for Posting {
    fn from(request: TransactionCreateRequest) -> Self {
        Self {
            user_id: request.user_id,
            account_id: request.account_id,
            kind: match request.kind {
                PostedKind::Income => TransactionKind::Income,
                PostedKind::Expense => TransactionKind::Expense,
                PostedKind::Transfer => TransactionKind::Transfer,
            },
            amount: request.amount.0,
            currency: request.currency,
            to_account_id: request.to_account_id,
            received: request.received_amount.map(|amount| amount.0),
            received_currency: None,
            description: request.description.map(Text::into_string),
            category: request.category.map(Text::into_string),
            date: request.date.map(CalendarDate::date),
        }
    }
}

impl TryFrom<NewTransaction> for Posting {
    type Error = CallError;

    fn try_from(new: NewTransaction) -> Result<Self, CallError> {
        if matches!(new.kind, TransactionKind::Entry | TransactionKind::Reversal) {
            return Err(CallError::invalid("kind", "must be income, expense or transfer"));
        }
        let date = new.date.map(|date| date.to_string().parse::<CalendarDate>());
        Ok(Self {
            user_id: new.user_id,
            account_id: new.account_id,
            kind: new.kind,
            amount: new.amount.amount(),
            currency: Some(new.amount.currency()),
            to_account_id: new.to_account_id,
            received: new.received.map(|money| money.amount()),
            received_currency: new.received.map(|money| money.currency()),
            description: text::<0, 500>("description", new.description)?,
            category: text::<1, 64>("category", new.category)?,
            date: date
                .transpose()
                .map_err(|message| CallError::invalid("date", message))?
                .map(CalendarDate::date),
        })
    }
}

fn text<const MIN: usize, const MAX: usize>(
    field: &str,
    text: Option<String>,
) -> Result<Option<String>, CallError> {
    text.map(|text| Text::<MIN, MAX>::parse(&text).map(Text::into_string))
        .transpose()
        .map_err(|message| CallError::invalid(field, message))
}

/// What was posted: the success of source 004.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TransactionCreateResponse {
    /// `success`.
    #[schema(pattern = "^success$")]
    pub(crate) status: String,
    /// The transaction's id.
    pub(crate) transaction_id: Uuid,
    /// The transaction.
    pub(crate) data: TransactionResponse,
}

impl TransactionCreateResponse {
    /// The answer to whoever posted this.
    pub(crate) fn of(data: TransactionResponse) -> Self {
        Self {
            status: "success".to_owned(),
            transaction_id: data.id,
            data,
        }
    }
}

/// A transaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct TransactionResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Its account.
    pub(crate) account_id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// Through which advisory relationship the owner is advised, if at all.
    pub(crate) client_id: Option<ClientId>,
    /// In whose book the owner is, if in one.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// Which way.
    #[serde(rename = "type")]
    pub(crate) kind: TransactionKind,
    /// How much, in `currency`.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
    /// The account's currency.
    pub(crate) currency: Currency,
    /// For what.
    pub(crate) description: Option<String>,
    /// The category in lower case without accents.
    pub(crate) category: String,
    /// The booking date.
    pub(crate) date: NaiveDate,
    /// The statement import that brought it, if one did.
    pub(crate) import_id: Option<Uuid>,
    /// Where a transfer went.
    pub(crate) to_account_id: Option<Uuid>,
    /// What arrived there.
    pub(crate) received_amount: Option<Amount>,
    /// In which currency.
    pub(crate) received_currency: Option<Currency>,
    /// In a list of one account: what the transaction adds to it, in the account's currency; below 0 where it takes away.
    /// So a transfer is negative at the account that it leaves and positive at the one where it arrives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) effect: Option<Amount>,
    /// The transaction that this one takes back, if it takes one back.
    pub(crate) reverses: Option<Uuid>,
    /// When it was posted, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<TransactionRecord>> for TransactionResponse {
    fn from(stored: Stored<TransactionRecord>) -> Self {
        let Stored {
            id, created_at, data, ..
        } = stored;
        Self {
            id,
            account_id: data.account_id,
            user_id: data.user_id,
            client_id: data.client_id,
            advisor_id: data.advisor_id,
            kind: data.kind,
            amount: Amount(data.amount),
            currency: data.currency,
            description: data.description,
            category: data.category,
            date: data.date,
            import_id: data.import_id,
            to_account_id: data.to_account_id,
            received_amount: data.received.map(|money| Amount(money.amount())),
            received_currency: data.received.map(|money| money.currency()),
            effect: None,
            reverses: data.reverses,
            created_at,
        }
    }
}

impl TransactionResponse {
    /// A transaction as it looks from one of its accounts.
    pub(crate) fn on(account: Uuid, stored: Stored<TransactionRecord>) -> Result<Self, Error> {
        let effect = stored.moved_on(account)?.map(Amount);
        Ok(Self {
            effect,
            ..Self::from(stored)
        })
    }
}

/// Something that happened to a transaction.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct HistoryEntry {
    /// What happened, as in `transaction.created`.
    #[serde(rename = "type")]
    pub(crate) event_type: String,
    /// The version of the shape of `data`.
    pub(crate) version: u32,
    /// When, UTC.
    pub(crate) time: DateTime<Utc>,
    /// Who did it: `user/…` or `system/…`.
    pub(crate) actor: String,
    /// The transaction, as in `transaction/0190…`.
    pub(crate) subject: String,
    /// The request that it came with.
    pub(crate) correlation: RequestId,
    /// The facts, as they stand in the feed.
    #[schema(value_type = Object)]
    pub(crate) data: serde_json::Value,
}

impl HistoryEntry {
    /// That a transaction was posted.
    pub(crate) fn of_creation(stored: &Stored<TransactionRecord>) -> Result<Self, Error> {
        Ok(Self {
            event_type: TRANSACTION_CREATED.to_owned(),
            version: 1,
            time: stored.created_at,
            actor: stored.created_by.clone(),
            subject: subject(stored.id),
            correlation: stored.correlation,
            data: serde_json::to_value(created(stored)?).map_err(CallError::internal)?,
        })
    }
}

impl HistoryEntry {
    /// That a transaction was taken back.
    pub(crate) fn of_reversal(
        transaction: &Stored<TransactionRecord>,
        reversal: &Stored<TransactionRecord>,
    ) -> Result<Self, Error> {
        let facts = reversed(transaction, reversal.id);
        Ok(Self {
            event_type: TRANSACTION_REVERSED.to_owned(),
            version: 1,
            time: reversal.created_at,
            actor: reversal.created_by.clone(),
            subject: subject(transaction.id),
            correlation: reversal.correlation,
            data: serde_json::to_value(facts).map_err(CallError::internal)?,
        })
    }
}

/// How a transaction is named in events.
pub(crate) fn subject(id: Uuid) -> String {
    format!("transaction/{id}")
}

/// The event of a posting.
pub(crate) fn created_event(
    cx: &kernel::CallContext,
    stored: &Stored<TransactionRecord>,
) -> Result<NewEvent, Error> {
    let data = serde_json::to_value(created(stored)?).map_err(CallError::internal)?;
    Ok(NewEvent::new(cx, TRANSACTION_CREATED, subject(stored.id), data))
}

/// Which transactions, in which order.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TransactionFilter {
    /// Whose; everybody's whom the caller may see when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// Only on this account: transfers to it as well as from it, each with its `effect` on it.
    pub(crate) account_id: Option<Uuid>,
    /// Only this way; needs an order by date.
    #[serde(rename = "type")]
    #[param(rename = "type", inline)]
    pub(crate) kind: Option<TransactionKind>,
    /// Only of this category; needs an order by date, and not together with `type`.
    pub(crate) category: Option<Text<1, 64>>,
    /// Not before this date; needs an order by date.
    pub(crate) from: Option<CalendarDate>,
    /// Not after this date; needs an order by date.
    pub(crate) to: Option<CalendarDate>,
    /// The order; a leading `-` turns it around. `-date` when it is left out.
    #[param(inline)]
    pub(crate) sort: Option<TransactionSort>,
}

/// How transactions can be ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) enum TransactionSort {
    #[serde(rename = "date")]
    Date,
    #[default]
    #[serde(rename = "-date")]
    DateDescending,
    #[serde(rename = "created_at")]
    Created,
    #[serde(rename = "-created_at")]
    CreatedDescending,
    #[serde(rename = "amount")]
    Amount,
    #[serde(rename = "-amount")]
    AmountDescending,
}

impl TransactionSort {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            TransactionSort::Date => "date",
            TransactionSort::DateDescending => "-date",
            TransactionSort::Created => "created_at",
            TransactionSort::CreatedDescending => "-created_at",
            TransactionSort::Amount => "amount",
            TransactionSort::AmountDescending => "-amount",
        }
    }

    pub(crate) fn is_by_date(self) -> bool {
        matches!(self, TransactionSort::Date | TransactionSort::DateDescending)
    }
}

/// The same, or null.
fn optional_positive_amount() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::{ObjectBuilder, OneOfBuilder, Type, schema::Schema};
    match positive_amount() {
        Schema::OneOf(of) => OneOfBuilder::from(of)
            .item(ObjectBuilder::new().schema_type(Type::Null))
            .into(),
        other => other,
    }
}

/// The schema of an amount that moves: what [`super::check_amount`] accepts in some currency.
fn positive_amount() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::{ObjectBuilder, OneOfBuilder, Type};
    OneOfBuilder::new()
        .item(
            ObjectBuilder::new()
                .schema_type(Type::Number)
                .exclusive_minimum(Some(0))
                .exclusive_maximum(Some(1_000_000_000_000_000_000_i64)),
        )
        .item(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some(r"^[0-9]{1,18}(\.[0-9]{1,4})?$")),
        )
        .description(Some(
            "An exact decimal number, more than 0; a string is accepted as well.",
        ))
        .into()
}
