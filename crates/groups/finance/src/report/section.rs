use super::requests::{CategorySum, CurrencySection, MonthSum};
use crate::{
    balances::{Tally, plus},
    error::Error,
    transactions::OPENING_BALANCE,
};
use chrono::NaiveDate;
use finance_contract::TransactionKind;
use kernel::{Amount, CallError, Currency, Money};
use rust_decimal::Decimal;
use std::{cmp::Reverse, collections::BTreeMap};

/// Gathers the figures of one currency.
pub(crate) struct Section {
    currency: Currency,
    opening: Decimal,
    transactions: u64,
    categories: BTreeMap<(bool, String), (Decimal, u64)>,
    months: BTreeMap<NaiveDate, (Decimal, Decimal)>,
}

impl Section {
    pub(crate) fn new(currency: Currency) -> Self {
        Self {
            currency,
            opening: Decimal::ZERO,
            transactions: 0,
            categories: BTreeMap::new(),
            months: BTreeMap::new(),
        }
    }

    /// Counts what was posted before the period.
    pub(crate) fn before(&mut self, tally: &Tally) -> Result<(), Error> {
        self.opening = plus(self.opening, tally.signed())?;
        Ok(())
    }

    /// Counts what was posted in the period.
    pub(crate) fn inside(&mut self, tally: &Tally) -> Result<(), Error> {
        let expense = tally.kind == TransactionKind::Expense;
        self.transactions += tally.count;
        let category = self
            .categories
            .entry((expense, tally.category.clone()))
            .or_default();
        category.0 = plus(category.0, tally.amount)?;
        category.1 += tally.count;
        let month = self.months.entry(tally.month).or_default();
        let side = if expense { &mut month.1 } else { &mut month.0 };
        *side = plus(*side, tally.amount)?;
        Ok(())
    }

    /// The figures, each with the decimals of the currency.
    pub(crate) fn finish(self) -> Result<CurrencySection, Error> {
        let currency = self.currency;
        let exact = |amount: Decimal| exact(amount, currency);
        let (mut income, mut expenses, mut statement) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
        let mut by_category = Vec::with_capacity(self.categories.len());
        for ((expense, category), (amount, transactions)) in self.categories {
            let side = if expense { &mut expenses } else { &mut income };
            *side = plus(*side, amount)?;
            if category == OPENING_BALANCE {
                statement = plus(statement, if expense { -amount } else { amount })?;
            }
            by_category.push(CategorySum {
                category,
                kind: if expense {
                    TransactionKind::Expense
                } else {
                    TransactionKind::Income
                },
                amount: exact(amount)?,
                transactions,
            });
        }
        by_category.sort_by_key(|sum| (sum.kind == TransactionKind::Expense, Reverse(sum.amount)));
        let mut balance = self.opening;
        let mut by_month = Vec::with_capacity(self.months.len());
        for (month, (income, expenses)) in self.months {
            let net = plus(income, -expenses)?;
            balance = plus(balance, net)?;
            by_month.push(MonthSum {
                month: month.format("%Y-%m").to_string(),
                income: exact(income)?,
                expenses: exact(expenses)?,
                net: exact(net)?,
                closing_balance: exact(balance)?,
            });
        }
        Ok(CurrencySection {
            currency,
            opening_balance: exact(self.opening)?,
            total_income: exact(income)?,
            total_expenses: exact(expenses)?,
            net: exact(plus(income, -expenses)?)?,
            closing_balance: exact(balance)?,
            statement_opening_balance: exact(statement)?,
            transactions: self.transactions,
            by_category,
            by_month,
        })
    }
}

fn exact(amount: Decimal, currency: Currency) -> Result<Amount, Error> {
    match Money::new(amount, currency) {
        Ok(money) => Ok(Amount(money.amount())),
        Err(error) => Err(CallError::internal(error.to_string()).into()),
    }
}
