use super::models::{AccountBalance, BookChange, Flow, month_of};
use crate::{
    error::Error,
    journal::{LedgerAccount, Legs},
    transactions::TransactionRecord,
};
use chrono::NaiveDate;
use kernel::{Currency, UserId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::{Batch, Store};
use uuid::Uuid;

type FlowKey = (NaiveDate, LedgerAccount, LedgerAccount, &'static str);

/// What the entries of one commit change, summed by accounts, currency and day.
#[derive(Debug, Default)]
pub(crate) struct Changes(BTreeMap<FlowKey, Flow>);

impl Changes {
    /// Counts one entry.
    pub(crate) fn add(&mut self, entry: &TransactionRecord) -> Result<(), Error> {
        self.add_legs(&entry.legs()?, entry.date, entry.reverses.is_some())
    }

    /// Counts the legs of one entry. A reversal takes away what it reverses, so that figures are as if neither had been
    /// posted.
    pub(crate) fn add_legs(&mut self, legs: &Legs, date: NaiveDate, reverses: bool) -> Result<(), Error> {
        let (legs, sign) = match reverses {
            true => (legs.reversed(), -1),
            false => (legs.clone(), 1),
        };
        for (index, (debit, credit, amount)) in legs.flows().into_iter().enumerate() {
            self.merge(Flow {
                debit,
                credit,
                currency: amount.currency(),
                date,
                amount: amount.amount() * Decimal::from(sign),
                count: if index == 0 { sign } else { 0 },
            })?;
        }
        Ok(())
    }

    /// Counts what is already summed.
    pub(crate) fn merge(&mut self, flow: Flow) -> Result<(), Error> {
        let key = (
            flow.date,
            flow.debit.clone(),
            flow.credit.clone(),
            flow.currency.code(),
        );
        match self.0.get_mut(&key) {
            None => {
                self.0.insert(key, flow);
            }
            Some(sum) => {
                sum.amount = plus(sum.amount, flow.amount)?;
                sum.count += flow.count;
            }
        }
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sums, in the order of days.
    pub(crate) fn flows(&self) -> impl Iterator<Item = &Flow> {
        self.0.values()
    }

    /// The same, taken.
    pub(crate) fn into_flows(self) -> impl Iterator<Item = Flow> {
        self.0.into_values()
    }

    /// Adds the changes to the commit of the entries that make them.
    /// `entry` is the last of them.
    pub(crate) fn post(self, store: &Store, book: UserId, entry: Uuid, batch: &mut Batch) {
        let change = BookChange {
            book: book.0,
            entry,
            flows: self.into_flows().collect(),
        };
        batch.insert(store.sources().ids().next::<Uuid>(), change);
    }
}

/// The flow, counted for its month.
pub(crate) fn of_month(flow: &Flow) -> Flow {
    Flow {
        date: month_of(flow.date),
        ..flow.clone()
    }
}

/// What lies on each account of a book: debits less credits, by account and currency.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sums(BTreeMap<(LedgerAccount, &'static str), (Currency, Decimal)>);

impl Sums {
    /// Counts a flow on both its sides.
    pub(crate) fn add(&mut self, flow: &Flow) -> Result<(), Error> {
        self.put(&flow.debit, flow.currency, flow.amount)?;
        self.put(&flow.credit, flow.currency, -flow.amount)
    }

    /// Counts a balance.
    pub(crate) fn put(
        &mut self,
        account: &LedgerAccount,
        currency: Currency,
        amount: Decimal,
    ) -> Result<(), Error> {
        let (_, sum) = self
            .0
            .entry((account.clone(), currency.code()))
            .or_insert((currency, Decimal::ZERO));
        *sum = plus(*sum, amount)?;
        Ok(())
    }

    /// What lies on an account in a currency.
    pub(crate) fn of(&self, account: &LedgerAccount, currency: Currency) -> Decimal {
        let found = self.0.get(&(account.clone(), currency.code()));
        found.map_or(Decimal::ZERO, |(_, sum)| *sum)
    }

    /// All of them, in the order of accounts.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&LedgerAccount, Currency, Decimal)> {
        self.0
            .iter()
            .map(|((account, _), (currency, sum))| (account, *currency, *sum))
    }

    pub(crate) fn from_balances(balances: &[AccountBalance]) -> Result<Self, Error> {
        let mut sums = Self::default();
        for balance in balances {
            sums.put(&balance.account, balance.currency, balance.balance)?;
        }
        Ok(sums)
    }

    pub(crate) fn into_balances(self) -> Vec<AccountBalance> {
        self.0
            .into_iter()
            .map(|((account, _), (currency, balance))| AccountBalance {
                account,
                currency,
                balance,
            })
            .collect()
    }
}

/// An exact sum. Amounts are below 10^18, so it takes more than ten million of the largest to leave what can be kept.
pub(crate) fn plus(left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    left.checked_add(right)
        .ok_or_else(|| kernel::CallError::internal("a sum of money is too large to be kept exactly").into())
}
