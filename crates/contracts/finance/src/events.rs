use crate::TransactionKind;
use chrono::NaiveDate;
use kernel::{Currency, Money, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An account was opened, or opened again.
pub const ACCOUNT_CREATED: &str = "account.created";
/// An account's name or kind changed.
pub const ACCOUNT_UPDATED: &str = "account.updated";
/// An account that was never used was closed.
pub const ACCOUNT_DELETED: &str = "account.deleted";
/// An account has another balance.
pub const BALANCE_CHANGED: &str = "account.balance_changed";
/// A transaction was posted.
pub const TRANSACTION_CREATED: &str = "transaction.created";
/// A transaction was taken back by another one.
pub const TRANSACTION_REVERSED: &str = "transaction.reversed";
/// Days of a book were closed.
pub const PERIOD_CLOSED: &str = "period.closed";
/// Days of a book were opened again.
pub const PERIOD_REOPENED: &str = "period.reopened";
/// An account of a book's chart was made, changed, closed or opened again.
pub const CHART_CHANGED: &str = "chart.changed";
/// A rate of exchange was kept or replaced.
pub const FX_RATE_CHANGED: &str = "fx_rate.changed";
/// Rows of a statement were posted: one event for each commit of the import.
pub const STATEMENT_IMPORTED: &str = "statement.imported";

/// A budget was made.
pub const BUDGET_CREATED: &str = "budget.created";
/// A budget's name or categories changed.
pub const BUDGET_UPDATED: &str = "budget.updated";
/// A budget was deleted.
pub const BUDGET_DELETED: &str = "budget.deleted";
/// More was spent on a category than its budget had: said once for each budget, category and month.
pub const BUDGET_EXCEEDED: &str = "budget.exceeded";

/// An inventory item was made.
pub const INVENTORY_ITEM_CREATED: &str = "inventory.item_created";
/// An inventory item's data changed.
pub const INVENTORY_ITEM_UPDATED: &str = "inventory.item_updated";
/// An inventory item of which there was nothing was deleted.
pub const INVENTORY_ITEM_DELETED: &str = "inventory.item_deleted";
/// Stock came in, went out or was put elsewhere.
pub const INVENTORY_ADJUSTED: &str = "inventory.adjusted";
/// An item fell to its reorder point, or below.
pub const INVENTORY_LOW_STOCK: &str = "inventory.low_stock";
/// Something is to be ordered.
pub const INVENTORY_REORDER_OPENED: &str = "inventory.reorder_opened";
/// A reorder came, or was cancelled.
pub const INVENTORY_REORDER_CLOSED: &str = "inventory.reorder_closed";

/// What `account.created`, `account.updated` and `account.deleted` carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountChanged {
    /// The account.
    pub account_id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// Its currency.
    pub currency: Currency,
}

/// What `account.balance_changed` carries: by how much, not to what. Postings to one account do not wait for each
/// other, so none of them knows the balance that another one leaves; ask the account for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BalanceChanged {
    /// The account.
    pub account_id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// Up when positive, down when negative.
    pub change: Money,
}

/// What `transaction.created` carries: ids and figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransactionCreated {
    /// The transaction.
    pub transaction_id: Uuid,
    /// Its account.
    pub account_id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// Which way.
    pub kind: TransactionKind,
    /// How much.
    pub amount: Money,
    /// The booking date.
    pub date: NaiveDate,
    /// The category.
    pub category: String,
    /// What it debits and credits; empty in what was told before there were legs: then it follows from the rest.
    #[serde(default)]
    pub legs: Vec<EntryLeg>,
    /// The transaction that it takes back, if it takes one back.
    #[serde(default)]
    pub reverses: Option<Uuid>,
}

/// One side of a journal entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EntryLeg {
    /// The account of the book: `money:` and an account's id, or a type and a name as in `expense:food`.
    pub account: String,
    /// A debit when positive, a credit when negative; the legs of an entry add up to 0 in each currency.
    pub amount: Money,
}

/// What `statement.imported` carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementImported {
    /// The import: the same in all its commits.
    pub import_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// How many rows this commit posted.
    pub transactions: u32,
}

/// What `budget.created`, `budget.updated` and `budget.deleted` carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetChanged {
    /// The budget.
    pub budget_id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// Its currency.
    pub currency: Currency,
}

/// What `budget.exceeded` carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetExceeded {
    /// The budget.
    pub budget_id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// The category.
    pub category: String,
    /// The first day of the month.
    pub month: NaiveDate,
    /// What there was for the month: planned, and carried over from earlier ones.
    pub available: Money,
    /// What was spent when it was noticed.
    pub actual: Money,
}

/// What `inventory.item_created`, `inventory.item_updated` and `inventory.item_deleted` carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InventoryItemChanged {
    /// The item.
    pub item_id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// Whether there is no more than the reorder point.
    pub low: bool,
}

/// What `inventory.adjusted` carries. Quantities are decimals in texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InventoryAdjusted {
    /// The movement.
    pub movement_id: Uuid,
    /// The item.
    pub item_id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// `receipt`, `issue`, `found`, `lost` or `transfer`.
    pub kind: String,
    /// How many.
    pub quantity: String,
    /// How many there were afterwards.
    pub on_hand: String,
    /// What it added to the value of the stock, or took from it.
    pub cost: Money,
    /// When.
    pub date: NaiveDate,
}

/// What `inventory.low_stock` carries. Quantities are decimals in texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InventoryLowStock {
    /// The item.
    pub item_id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// How many there are.
    pub on_hand: String,
    /// The stock at or below which to order.
    pub reorder_point: String,
    /// Why it is low: figures, in words.
    pub reason: String,
    /// The reorder that is open.
    pub reorder_id: Option<Uuid>,
}

/// What `inventory.reorder_opened` and `inventory.reorder_closed` carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InventoryReorderChanged {
    /// The reorder.
    pub reorder_id: Uuid,
    /// The item.
    pub item_id: Uuid,
    /// Its owner.
    pub user_id: UserId,
    /// How many, a decimal in a text.
    pub quantity: String,
}

/// What `transaction.reversed` carries. The reversal has its own `transaction.created`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransactionReversed {
    /// What was taken back.
    pub transaction_id: Uuid,
    /// By which transaction.
    pub reversal_id: Uuid,
    /// In whose book.
    pub user_id: UserId,
}

/// What `period.closed` and `period.reopened` carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeriodChanged {
    /// In whose book.
    pub user_id: UserId,
    /// The last day that is closed from now on; none when everything is open.
    pub closed_through: Option<NaiveDate>,
}

/// What `chart.changed` carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChartChanged {
    /// In whose book.
    pub user_id: UserId,
    /// Which account, as in `expense:food`.
    pub account: String,
    /// Whether it takes nothing any more.
    pub closed: bool,
}

/// What `fx_rate.changed` carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FxRateChanged {
    /// The currency of which one unit is bought.
    pub base: Currency,
    /// The currency that is paid.
    pub quote: Currency,
    /// From which day on.
    pub date: NaiveDate,
    /// How much of `quote` one unit of `base` costs, to the last digit.
    pub rate: String,
}
