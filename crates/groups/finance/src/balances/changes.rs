use super::models::{MonthlyChange, Tally, month_of};
use crate::{error::Error, transactions::TransactionRecord};
use chrono::NaiveDate;
use finance_contract::TransactionKind;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::{Batch, Store};
use uuid::Uuid;

type TallyKey = (Uuid, NaiveDate, bool, String);

/// What the transactions of one commit change, summed by account, month, kind and category.
#[derive(Debug, Default)]
pub(crate) struct Changes(BTreeMap<TallyKey, Tally>);

impl Changes {
    /// Counts one transaction.
    pub(crate) fn add(&mut self, transaction: &TransactionRecord) -> Result<(), Error> {
        self.merge(Tally {
            account_id: transaction.account_id,
            month: month_of(transaction.date),
            kind: transaction.kind,
            category: transaction.category.clone(),
            amount: transaction.amount,
            count: 1,
        })
    }

    /// Counts what is already summed.
    pub(crate) fn merge(&mut self, tally: Tally) -> Result<(), Error> {
        let income = tally.kind == TransactionKind::Income;
        let key = (tally.account_id, tally.month, income, tally.category.clone());
        match self.0.get_mut(&key) {
            None => {
                self.0.insert(key, tally);
            }
            Some(sum) => {
                sum.amount = plus(sum.amount, tally.amount)?;
                sum.count += tally.count;
            }
        }
        Ok(())
    }

    /// The sums.
    pub(crate) fn into_tallies(self) -> impl Iterator<Item = Tally> {
        self.0.into_values()
    }

    /// Adds the changes to the commit of the transactions that make them.
    pub(crate) fn post(self, store: &Store, batch: &mut Batch) {
        for tally in self.into_tallies() {
            batch.insert(store.sources().ids().next::<Uuid>(), MonthlyChange(tally));
        }
    }
}

/// An exact sum. Amounts are below 10^18, so it takes more than ten million of the largest to leave what can be kept.
pub(crate) fn plus(left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    left.checked_add(right)
        .ok_or_else(|| kernel::CallError::internal("a sum of money is too large to be kept exactly").into())
}
