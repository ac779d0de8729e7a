use super::{
    models::{Entry, EntryKind, Leg},
    sale::ChosenLot,
};
use crate::symbol::Symbol;
use calculator::LotMethod;
use chrono::NaiveDate;
use kernel::{Amount, CalendarDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::ToSchema;
use uuid::Uuid;

/// Quantities are below this.
const TOO_MANY: i64 = 1_000_000_000_000;

/// How many decimals a quantity, a price or a fee has at most.
const FINEST: u32 = 8;

/// How lots are chosen when something is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Default)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MethodName {
    /// The oldest first.
    #[default]
    Fifo,
    /// The newest first.
    Lifo,
    /// Those with the highest cost first.
    Hifo,
    /// All alike, at the average cost.
    Average,
}

impl From<MethodName> for LotMethod {
    fn from(name: MethodName) -> Self {
        match name {
            MethodName::Fifo => LotMethod::Fifo,
            MethodName::Lifo => LotMethod::Lifo,
            MethodName::Hifo => LotMethod::Hifo,
            MethodName::Average => LotMethod::Average,
        }
    }
}

/// What kind of entry is made by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EntryRequestKind {
    /// Shares were bought.
    Buy,
    /// Shares were sold.
    Sell,
    /// Shares come in with what they had cost, without cash.
    TransferIn,
    /// Money was paid in.
    Deposit,
    /// Money was taken out.
    Withdrawal,
    /// A dividend was paid on `symbol`.
    Dividend,
    /// A fee was taken.
    Fee,
}

/// Something that happened outside: a trade that was made, a payment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PortfolioEntryCreateRequest {
    /// What kind of thing.
    pub(crate) kind: EntryRequestKind,
    /// On which account; it may be left out where there is one.
    pub(crate) account_id: Option<Uuid>,
    /// On which day; today when it is left out. Not in the future.
    pub(crate) date: Option<CalendarDate>,
    /// Of what, for trades and dividends.
    pub(crate) symbol: Option<Symbol>,
    /// How many, for trades: more than 0, 8 decimals at most.
    pub(crate) quantity: Option<Amount>,
    /// The price of one, for trades: 0 or more.
    pub(crate) price: Option<Amount>,
    /// What a trade cost beside: 0 or more. It is part of the cost of what is bought, and lessens what a sale brings.
    pub(crate) fees: Option<Amount>,
    /// How much money, for all but trades: more than 0.
    pub(crate) amount: Option<Amount>,
    /// How lots are chosen for this sale, instead of the account's own way.
    pub(crate) method: Option<MethodName>,
    /// Exactly which lots are sold: together they are the quantity.
    #[schema(max_items = 500)]
    pub(crate) lots: Option<Vec<ChosenLot>>,
}

/// A quantity that can be traded.
pub(crate) fn quantity_check(quantity: Decimal) -> Result<(), String> {
    let known = quantity > Decimal::ZERO && quantity < Decimal::from(TOO_MANY);
    match known && quantity.normalize().scale() <= FINEST {
        true => Ok(()),
        false => Err(format!(
            "must be more than 0 and less than {TOO_MANY}, with {FINEST} decimals at most"
        )),
    }
}

/// A price or a fee.
pub(crate) fn price_check(price: Decimal) -> Result<(), String> {
    let known = price >= Decimal::ZERO && price < Decimal::from(TOO_MANY);
    match known && price.normalize().scale() <= FINEST {
        true => Ok(()),
        false => Err(format!(
            "must not be negative and be less than {TOO_MANY}, with {FINEST} decimals at most"
        )),
    }
}

/// An entry, with all that explains its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PortfolioEntryResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// In which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// On which account.
    pub(crate) account_id: Uuid,
    /// The place among the entries of the portfolio, from 1.
    pub(crate) seq: u64,
    /// On which day.
    pub(crate) date: NaiveDate,
    /// What happened.
    pub(crate) kind: EntryKind,
    /// What the cash of the account changed by.
    #[schema(value_type = f64)]
    pub(crate) cash: Amount,
    /// The price of one, for trades.
    pub(crate) price: Option<Amount>,
    /// What it cost beside.
    #[schema(value_type = f64)]
    pub(crate) fees: Amount,
    /// The gain that was realised; below zero for a loss.
    #[schema(value_type = f64)]
    pub(crate) realised_gain: Amount,
    /// How lots were chosen, for sales.
    pub(crate) method: Option<String>,
    /// Which lots went and which came, with their costs.
    pub(crate) legs: Vec<Leg>,
    /// What it belongs to, as in `order/0190…`.
    pub(crate) cause: Option<String>,
}

impl PortfolioEntryResponse {
    pub(crate) fn new(id: Uuid, entry: Entry) -> Self {
        Self {
            id,
            portfolio_id: entry.portfolio_id,
            account_id: entry.account_id,
            seq: entry.seq,
            date: entry.date,
            kind: entry.kind,
            cash: Amount(entry.cash),
            price: entry.price.map(Amount),
            fees: Amount(entry.fees),
            realised_gain: Amount(entry.legs.iter().map(|leg| leg.realised).sum()),
            method: entry.method,
            legs: entry.legs,
            cause: entry.cause,
        }
    }
}

impl From<Stored<Entry>> for PortfolioEntryResponse {
    fn from(stored: Stored<Entry>) -> Self {
        Self::new(stored.id, stored.data)
    }
}

/// A figure that is not what follows from the entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FigureDifference {
    /// Which, as in `cash/0190…`.
    pub(crate) figure: String,
    /// What is stored.
    #[schema(value_type = f64)]
    pub(crate) stored: Amount,
    /// What follows from the entries.
    #[schema(value_type = f64)]
    pub(crate) replayed: Amount,
}

/// Whether a portfolio is what follows from its entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct VerificationResponse {
    /// Which.
    pub(crate) portfolio_id: Uuid,
    /// How many entries were applied again.
    pub(crate) entries: u64,
    /// Whether cash, lots and positions are what follows from them.
    pub(crate) consistent: bool,
    /// What is not.
    pub(crate) differences: Vec<FigureDifference>,
}

/// A lot, as it is held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LotResponse {
    /// Which.
    pub(crate) id: Uuid,
    /// On which account.
    pub(crate) account_id: Uuid,
    /// Of what.
    pub(crate) symbol: String,
    /// Since when.
    pub(crate) acquired: NaiveDate,
    /// How many.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
    /// What they cost in all.
    #[schema(value_type = f64)]
    pub(crate) cost: Amount,
}
