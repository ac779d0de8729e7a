use chrono::{Datelike, NaiveDate};
use finance_contract::TransactionKind;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What was posted to an account in a month, of one kind and category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) account_id: Uuid,
    /// The first day of the month.
    pub(crate) month: NaiveDate,
    pub(crate) kind: TransactionKind,
    pub(crate) category: String,
    /// The sum, never negative.
    pub(crate) amount: Decimal,
    /// Of how many transactions.
    pub(crate) count: u64,
}

impl Tally {
    /// What it does to the balance.
    pub(crate) fn signed(&self) -> Decimal {
        signed(self.kind, self.amount)
    }
}

/// An amount as it moves a balance: up for an income, down for an expense.
pub(crate) fn signed(kind: TransactionKind, amount: Decimal) -> Decimal {
    match kind {
        TransactionKind::Income => amount,
        TransactionKind::Expense => -amount,
    }
}

/// Posted, not yet folded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct MonthlyChange(pub(crate) Tally);

/// Everything of a month, kind and category that was folded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct MonthlyTotal(pub(crate) Tally);

/// The sum of everything that was folded on an account. Its id is the account's; its version is the position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BalanceRecord {
    pub(crate) balance: Decimal,
}

/// The first day of the date's month.
pub(crate) fn month_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}
