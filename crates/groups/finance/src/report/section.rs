use super::{
    period::{Period, Place},
    requests::{CategorySum, CurrencySection, MonthSum},
};
use crate::{
    balances::{Flow, month_of, plus},
    error::Error,
    journal::{AccountType, LedgerAccount, OPENING_BALANCE},
};
use chrono::NaiveDate;
use finance_contract::TransactionKind;
use kernel::{Amount, CallError, Currency, Money};
use rust_decimal::Decimal;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// The money accounts that a report is about.
pub(crate) type Holdings = BTreeSet<LedgerAccount>;

/// What a flow is for the accounts of a report.
enum Effect<'a> {
    /// It does not touch them, or moves between two of them.
    None,
    /// So much of a category came in.
    Income(&'a str, Decimal),
    /// So much of a category went out.
    Expense(&'a str, Decimal),
    /// So much arrived from elsewhere, or left when negative.
    Transfer(Decimal),
}

/// Gathers the figures of one currency.
pub(crate) struct Section {
    currency: Currency,
    opening: Decimal,
    transfers: Decimal,
    transactions: i64,
    categories: BTreeMap<(bool, String), (Decimal, i64)>,
    months: BTreeMap<NaiveDate, Month>,
}

#[derive(Default)]
struct Month {
    income: Decimal,
    expenses: Decimal,
    transfers: Decimal,
}

impl Section {
    pub(crate) fn new(currency: Currency) -> Self {
        Self {
            currency,
            opening: Decimal::ZERO,
            transfers: Decimal::ZERO,
            transactions: 0,
            categories: BTreeMap::new(),
            months: BTreeMap::new(),
        }
    }

    /// Counts a flow of this currency.
    pub(crate) fn add(&mut self, period: Period, holdings: &Holdings, flow: &Flow) -> Result<(), Error> {
        let effect = effect(holdings, flow);
        match (period.day(flow.date), &effect) {
            (Place::Before, Effect::Income(_, amount) | Effect::Transfer(amount)) => {
                self.opening = plus(self.opening, *amount)?;
            }
            (Place::Before, Effect::Expense(_, amount)) => self.opening = plus(self.opening, -amount)?,
            (Place::Inside, _) => self.inside(holdings, flow, effect)?,
            _ => {}
        }
        Ok(())
    }

    fn inside(&mut self, holdings: &Holdings, flow: &Flow, effect: Effect<'_>) -> Result<(), Error> {
        if holdings.contains(&flow.debit) || holdings.contains(&flow.credit) {
            self.transactions += flow.count;
        }
        let month = self.months.entry(month_of(flow.date));
        let (expense, category, amount) = match effect {
            Effect::None => return Ok(()),
            Effect::Transfer(amount) => {
                let month = month.or_default();
                month.transfers = plus(month.transfers, amount)?;
                self.transfers = plus(self.transfers, amount)?;
                return Ok(());
            }
            Effect::Income(category, amount) => (false, category, amount),
            Effect::Expense(category, amount) => (true, category, amount),
        };
        let month = month.or_default();
        let side = if expense {
            &mut month.expenses
        } else {
            &mut month.income
        };
        *side = plus(*side, amount)?;
        let sum = self.categories.entry((expense, category.to_owned())).or_default();
        sum.0 = plus(sum.0, amount)?;
        sum.1 += flow.count;
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
            // Everything of it was taken back.
            if amount.is_zero() && transactions == 0 {
                continue;
            }
            by_category.push(CategorySum {
                category,
                kind: if expense {
                    TransactionKind::Expense
                } else {
                    TransactionKind::Income
                },
                amount: exact(amount)?,
                transactions: counted(transactions),
            });
        }
        by_category.sort_by_key(|sum| (sum.kind == TransactionKind::Expense, Reverse(sum.amount)));
        let mut balance = self.opening;
        let mut by_month = Vec::with_capacity(self.months.len());
        for (month, sums) in self.months {
            let net = plus(sums.income, -sums.expenses)?;
            balance = plus(balance, plus(net, sums.transfers)?)?;
            by_month.push(MonthSum {
                month: month.format("%Y-%m").to_string(),
                income: exact(sums.income)?,
                expenses: exact(sums.expenses)?,
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
            transfers: exact(self.transfers)?,
            closing_balance: exact(balance)?,
            statement_opening_balance: exact(statement)?,
            transactions: counted(self.transactions),
            by_category,
            by_month,
        })
    }
}

/// What a flow is for these accounts. What one had before the first statement is income of the category
/// `opening_balance`, or an expense when it was owed.
fn effect<'a>(holdings: &Holdings, flow: &'a Flow) -> Effect<'a> {
    let (other, amount) = match (holdings.contains(&flow.debit), holdings.contains(&flow.credit)) {
        (true, false) => (&flow.credit, flow.amount),
        (false, true) => (&flow.debit, -flow.amount),
        _ => return Effect::None,
    };
    match other.name() {
        Some((AccountType::Income, category)) => Effect::Income(category, amount),
        Some((AccountType::Expense, category)) => Effect::Expense(category, -amount),
        Some((AccountType::Equity, OPENING_BALANCE)) if holdings.contains(&flow.debit) => {
            Effect::Income(OPENING_BALANCE, amount)
        }
        Some((AccountType::Equity, OPENING_BALANCE)) => Effect::Expense(OPENING_BALANCE, -amount),
        _ => Effect::Transfer(amount),
    }
}

fn counted(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

fn exact(amount: Decimal, currency: Currency) -> Result<Amount, Error> {
    match Money::new(amount, currency) {
        Ok(money) => Ok(Amount(money.amount())),
        Err(error) => Err(CallError::internal(error.to_string()).into()),
    }
}
