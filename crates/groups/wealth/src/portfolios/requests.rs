use super::{models::PortfolioRecord, value::Valued};
use crate::{
    entries::{AccountState, MethodName},
    market::{AssetClass, Prices},
};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, Amount, ClientId, Currency, Money, Text, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A new account of a portfolio.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PortfolioAccountRequest {
    /// What the owner calls it.
    pub(crate) name: Text<1, 120>,
    /// The currency of its cash and of what is held on it, for ever; the portfolio's when it is left out.
    pub(crate) currency: Option<Currency>,
    /// How lots are chosen when it sells; the oldest first when it is left out.
    pub(crate) method: Option<MethodName>,
    /// Whether its cash may go below zero.
    pub(crate) margin: Option<bool>,
}

/// A new portfolio.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PortfolioCreateRequest {
    /// What the owner calls it.
    pub(crate) name: Text<1, 120>,
    /// In which currency it is counted, for ever; the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
    /// Whose; the caller's own when it is left out. Advisors name their clients, admins anybody of the firm.
    pub(crate) user_id: Option<UserId>,
    /// Its accounts; one of the name `Main` when it is left out.
    #[schema(min_items = 1, max_items = 20)]
    pub(crate) accounts: Option<Vec<PortfolioAccountRequest>>,
}

/// A portfolio's new data.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PortfolioUpdateRequest {
    /// What the owner calls it.
    pub(crate) name: Text<1, 120>,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// A portfolio, its accounts and its worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PortfolioResponse {
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
    /// In which currency it is counted.
    pub(crate) currency: Currency,
    /// Its accounts with their cash.
    pub(crate) accounts: Vec<AccountState>,
    /// How many different things are held.
    pub(crate) holdings: usize,
    /// What it is worth by the newest quotes.
    #[schema(value_type = f64)]
    pub(crate) market_value: Amount,
    /// The same as people read it, as in `₹50,00,000`.
    pub(crate) market_value_text: String,
    /// The same in large units, as in `50 lakhs`.
    pub(crate) market_value_units: String,
    /// The part of it that is cash.
    #[schema(value_type = f64)]
    pub(crate) cash: Amount,
    /// Whether everything that is held could be valued.
    pub(crate) complete: bool,
    /// What could not be valued, and what is valued by a stale quote.
    pub(crate) reasons: Vec<String>,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl PortfolioResponse {
    pub(crate) fn new(stored: Stored<PortfolioRecord>, valued: Valued) -> Self {
        let money = Money::rounded(valued.total, stored.currency).unwrap_or(Money::zero(stored.currency));
        let positions = stored.positions.iter().filter(|one| !one.quantity.is_zero());
        let mut symbols: Vec<&str> = positions.map(|one| one.symbol.as_str()).collect();
        symbols.dedup();
        Self {
            holdings: symbols.len(),
            id: stored.id,
            user_id: stored.user_id,
            client_id: stored.client_id,
            advisor_id: stored.advisor_id,
            currency: stored.currency,
            market_value: Amount(valued.total),
            market_value_text: money.formatted(),
            market_value_units: money.in_units(),
            cash: Amount(valued.cash),
            complete: valued.complete,
            reasons: valued.reasons,
            version: stored.version,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            name: stored.data.name,
            accounts: stored.data.accounts,
        }
    }
}

/// How portfolios can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) enum PortfolioSort {
    #[serde(rename = "created_at")]
    Created,
    #[serde(rename = "-created_at")]
    CreatedDescending,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDescending,
    #[serde(rename = "value")]
    Value,
    #[serde(rename = "-value")]
    ValueDescending,
}

impl PortfolioSort {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            PortfolioSort::Created => "created_at",
            PortfolioSort::CreatedDescending => "-created_at",
            PortfolioSort::Name => "name",
            PortfolioSort::NameDescending => "-name",
            PortfolioSort::Value => "value",
            PortfolioSort::ValueDescending => "-value",
        }
    }
}

/// Which portfolios, in which order.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PortfolioFilter {
    /// The order; a leading `-` turns it around. `created_at` when it is left out.
    #[param(inline)]
    pub(crate) sort: Option<PortfolioSort>,
    /// Only this user's.
    pub(crate) user_id: Option<UserId>,
}

/// A position: the sum of the lots of something on an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PositionResponse {
    /// On which account.
    pub(crate) account_id: Uuid,
    /// Of what.
    pub(crate) symbol: String,
    /// What it is called.
    pub(crate) name: Option<String>,
    /// What kind of thing it is.
    pub(crate) class: Option<AssetClass>,
    /// In which business.
    pub(crate) sector: Option<String>,
    /// In which currency its cost and its worth are.
    pub(crate) currency: Currency,
    /// How many.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
    /// What they cost in all.
    #[schema(value_type = f64)]
    pub(crate) cost: Amount,
    /// What one cost on average.
    pub(crate) average_cost: Option<Amount>,
    /// The price of one, if there is a quote.
    pub(crate) price: Option<Amount>,
    /// Of which day the quote is.
    pub(crate) price_date: Option<NaiveDate>,
    /// Whether the quote is too old to be relied on.
    pub(crate) stale: bool,
    /// The worth, quantity times price, to the smallest unit.
    pub(crate) market_value: Option<Amount>,
    /// The worth less the cost.
    pub(crate) unrealised_gain: Option<Amount>,
    /// The part of the portfolio that it is, 0 to 1, to six decimals.
    pub(crate) weight: Option<Amount>,
    /// What is missing for its worth, or stale.
    pub(crate) reason: Option<String>,
}

/// The part of a whole, to six decimals; nothing where there is no whole.
pub(crate) fn weight(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let weight = part.checked_div(whole)?;
    Some(weight.round_dp(6).normalize())
}

pub(crate) fn positions(valued: Valued, prices: &Prices) -> Vec<PositionResponse> {
    let total = valued.total;
    let position = |one: super::value::ValuedPosition| {
        let instrument = prices.instruments.get(&one.symbol);
        PositionResponse {
            account_id: one.account_id,
            name: instrument.map(|instrument| instrument.name.clone()),
            class: instrument.map(|instrument| instrument.class),
            sector: instrument.and_then(|instrument| instrument.sector.clone()),
            symbol: one.symbol,
            currency: one.currency,
            quantity: Amount(one.quantity.normalize()),
            cost: Amount(one.cost),
            average_cost: one
                .cost
                .checked_div(one.quantity)
                .map(|cost| Amount(cost.round_dp(8).normalize())),
            price: one.price.map(|price| Amount(price.price)),
            price_date: one.price.map(|price| price.date),
            stale: one.price.is_some_and(|price| price.stale),
            market_value: one.worth.map(Amount),
            unrealised_gain: one.worth.map(|worth| Amount(worth - one.cost)),
            weight: one.worth_here.and_then(|worth| weight(worth, total)).map(Amount),
            reason: one.reason,
        }
    };
    valued.positions.into_iter().map(position).collect()
}

/// A part of a portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AllocationPart {
    /// Of what: a class, a sector or a currency; `cash` and `unknown` beside them.
    pub(crate) key: String,
    /// What it is worth in the portfolio's currency.
    #[schema(value_type = f64)]
    pub(crate) value: Amount,
    /// The part of the portfolio, 0 to 1, to six decimals.
    pub(crate) weight: Option<Amount>,
}

/// What a portfolio is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AllocationResponse {
    /// In which currency.
    pub(crate) currency: Currency,
    /// The worth of everything that could be valued.
    #[schema(value_type = f64)]
    pub(crate) total: Amount,
    /// By class of assets.
    pub(crate) by_class: Vec<AllocationPart>,
    /// By sector.
    pub(crate) by_sector: Vec<AllocationPart>,
    /// By currency.
    pub(crate) by_currency: Vec<AllocationPart>,
    /// What could not be valued, and what is valued by a stale quote.
    pub(crate) reasons: Vec<String>,
}
