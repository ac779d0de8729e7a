use chrono::NaiveDate;
use kernel::UserId;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EntryKind {
    /// Shares were bought.
    Buy,
    /// Shares were sold.
    Sell,
    /// Shares came in with their cost, without cash.
    TransferIn,
    /// Money was paid in.
    Deposit,
    /// Money was taken out.
    Withdrawal,
    /// A dividend was paid.
    Dividend,
    /// A fee was taken.
    Fee,
    /// A corporate action was applied.
    CorporateAction,
    /// A corporate action was taken back.
    CorporateActionUndone,
}

impl EntryKind {
    /// Whether its cash crosses the border of the portfolio, so that it is no return.
    pub(crate) fn is_flow(self) -> bool {
        matches!(
            self,
            EntryKind::Deposit | EntryKind::Withdrawal | EntryKind::TransferIn
        )
    }
}

/// Some shares that were bought together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Lot {
    /// Which.
    pub(crate) id: Uuid,
    /// Since when they are held, as taxes count it.
    pub(crate) acquired: NaiveDate,
    /// How many.
    #[schema(value_type = String)]
    pub(crate) quantity: Decimal,
    /// What they cost in all.
    #[schema(value_type = String)]
    pub(crate) cost: Decimal,
}

/// A part of a lot that went, and what it brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LotMove {
    /// Of which lot.
    pub(crate) lot_id: Uuid,
    /// Since when they were held.
    pub(crate) acquired: NaiveDate,
    /// How many.
    #[schema(value_type = String)]
    pub(crate) quantity: Decimal,
    /// What they had cost.
    #[schema(value_type = String)]
    pub(crate) cost: Decimal,
    /// What they brought.
    #[schema(value_type = String)]
    pub(crate) proceeds: Decimal,
    /// The cost that the rest of the lot has afterwards.
    #[schema(value_type = String)]
    pub(crate) cost_left: Decimal,
}

/// What an entry does to one holding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Leg {
    /// Of what.
    pub(crate) symbol: String,
    /// What went.
    pub(crate) taken: Vec<LotMove>,
    /// What came.
    pub(crate) made: Vec<Lot>,
    /// The gain that was realised; below zero for a loss.
    #[schema(value_type = String)]
    pub(crate) realised: Decimal,
    /// By average, all lots have another cost afterwards: lot and new cost.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub(crate) revalued: Vec<(Uuid, Decimal)>,
}

impl Leg {
    /// Shares that came.
    pub(crate) fn of_new(symbol: &str, lot: Lot) -> Self {
        Self {
            symbol: symbol.to_owned(),
            taken: Vec::new(),
            made: vec![lot],
            realised: Decimal::ZERO,
            revalued: Vec::new(),
        }
    }
}

static ENTRIES: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("portfolio_entries", Scoping::Owner)
        .field("portfolio_id", FieldKind::Uuid)
        .field("date", FieldKind::Time)
        .field("seq", FieldKind::Int)
        .unlisted()
        .within_firms()
        .belongs_to("portfolio_id")
        .serves(&["portfolio_id"], &["date", "seq"])
});

/// Something that happened in an account of a portfolio. Inserted, never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) user_id: UserId,
    pub(crate) portfolio_id: Uuid,
    pub(crate) account_id: Uuid,
    /// The place among the entries of the portfolio, from 1.
    pub(crate) seq: u64,
    pub(crate) date: NaiveDate,
    pub(crate) kind: EntryKind,
    /// What the account's cash changed by, in its currency.
    pub(crate) cash: Decimal,
    /// What crossed the border of the portfolio, in the account's currency: the cash of deposits and withdrawals, the value of
    /// shares that came in.
    pub(crate) flow: Decimal,
    pub(crate) price: Option<Decimal>,
    pub(crate) fees: Decimal,
    /// By which rule lots were chosen.
    pub(crate) method: Option<String>,
    pub(crate) legs: Vec<Leg>,
    /// The order, corporate action or funding that it belongs to, as in `order/0190…`.
    pub(crate) cause: Option<String>,
}

impl Document for Entry {
    fn collection() -> &'static Collection {
        &ENTRIES
    }
}
