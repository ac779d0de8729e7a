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
/// Rows of a statement were posted: one event for each commit of the import.
pub const STATEMENT_IMPORTED: &str = "statement.imported";

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
