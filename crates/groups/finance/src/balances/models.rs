use crate::journal::LedgerAccount;
use chrono::{Datelike, NaiveDate};
use kernel::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What was debited to one account and credited to another, in one currency and on one day or in one month: both sides
/// in one figure, so that no sum over a book can be out of balance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flow {
    pub(crate) debit: LedgerAccount,
    pub(crate) credit: LedgerAccount,
    pub(crate) currency: Currency,
    /// The day, or the first day of the month.
    pub(crate) date: NaiveDate,
    /// Negative where more was taken back than posted.
    pub(crate) amount: Decimal,
    /// Of how many entries; a reversal takes one away.
    pub(crate) count: i64,
}

/// What one commit posted to a book, not yet folded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BookChange {
    pub(crate) book: Uuid,
    /// The last of its entries, by which the change is known to be told of in the feed.
    pub(crate) entry: Uuid,
    pub(crate) flows: Vec<Flow>,
}

/// A flow of a book that was folded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FlowTotal {
    pub(crate) book: Uuid,
    pub(crate) debit: LedgerAccount,
    pub(crate) credit: LedgerAccount,
    pub(crate) currency: Currency,
    pub(crate) date: NaiveDate,
    pub(crate) amount: Decimal,
    pub(crate) count: i64,
}

impl FlowTotal {
    pub(crate) fn new(book: Uuid, flow: Flow) -> Self {
        Self {
            book,
            debit: flow.debit,
            credit: flow.credit,
            currency: flow.currency,
            date: flow.date,
            amount: flow.amount,
            count: flow.count,
        }
    }

    pub(crate) fn into_flow(self) -> Flow {
        Flow {
            debit: self.debit,
            credit: self.credit,
            currency: self.currency,
            date: self.date,
            amount: self.amount,
            count: self.count,
        }
    }
}

/// A flow of a whole month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct MonthTotal(pub(crate) FlowTotal);

/// A flow of one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct DayTotal(pub(crate) FlowTotal);

/// What lies on one account in one currency: debits less credits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccountBalance {
    pub(crate) account: LedgerAccount,
    pub(crate) currency: Currency,
    pub(crate) balance: Decimal,
}

/// The sums of everything that was folded in a book. Its id is the book's; its version is the position.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct BookBalances {
    pub(crate) balances: Vec<AccountBalance>,
    /// Of how many entries.
    pub(crate) entries: i64,
}

/// The first day of the date's month.
pub(crate) fn month_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}
