use super::{
    history::{History, Sums},
    models::{BudgetLine, BudgetRecord},
    requests::{BudgetActualResponse, CategoryActual, UnbudgetedCategory},
};
use crate::{balances::plus, error::Error};
use chrono::{Months, NaiveDate};
use kernel::{Amount, Currency, Money};
use rust_decimal::Decimal;
use store::Stored;

/// A line of a budget in a month.
pub(super) struct LineActual<'a> {
    pub(super) line: &'a BudgetLine,
    pub(super) carried: Decimal,
    pub(super) spent: Decimal,
}

impl LineActual<'_> {
    /// What there is for the month.
    pub(super) fn available(&self) -> Decimal {
        self.line.amount + self.carried
    }

    pub(super) fn is_exceeded(&self) -> bool {
        self.spent > self.available()
    }
}

/// The lines of a budget in a month, which must not be before its first.
pub(super) async fn lines<'a>(
    history: &History,
    budget: &'a Stored<BudgetRecord>,
    month: NaiveDate,
) -> Result<(Vec<LineActual<'a>>, Sums), Error> {
    let first = match budget.lines.iter().any(|line| line.rollover) {
        true => budget.starts_on.min(month),
        false => month,
    };
    let sums = history
        .sums(budget.tenant_id, budget.user_id, budget.currency, (first, month))
        .await?;
    let mut lines = Vec::with_capacity(budget.lines.len());
    for line in &budget.lines {
        lines.push(LineActual {
            line,
            carried: match line.rollover {
                true => carried(line, &sums, (budget.starts_on, month))?,
                false => Decimal::ZERO,
            },
            spent: sums.spent(month, &line.category),
        });
    }
    Ok((lines, sums))
}

/// What the months before this one left.
fn carried(
    line: &BudgetLine,
    sums: &Sums,
    (starts_on, month): (NaiveDate, NaiveDate),
) -> Result<Decimal, Error> {
    let mut carried = Decimal::ZERO;
    let mut each = starts_on;
    while each < month {
        carried = plus(carried, line.amount - sums.spent(each, &line.category))?;
        let Some(next) = each.checked_add_months(Months::new(1)) else {
            break;
        };
        each = next;
    }
    Ok(carried)
}

/// A budget beside what was spent in a month.
pub(super) async fn actual(
    history: &History,
    budget: &Stored<BudgetRecord>,
    month: NaiveDate,
) -> Result<BudgetActualResponse, Error> {
    let currency = budget.currency;
    let (lines, sums) = lines(history, budget, month).await?;
    let (mut planned, mut spent) = (Decimal::ZERO, Decimal::ZERO);
    let mut categories = Vec::with_capacity(lines.len());
    for line in &lines {
        planned = plus(planned, line.line.amount)?;
        spent = plus(spent, line.spent)?;
        categories.push(CategoryActual {
            category: line.line.category.clone(),
            planned: shown(line.line.amount, currency),
            carried: shown(line.carried, currency),
            available: shown(line.available(), currency),
            actual: shown(line.spent, currency),
            remaining: shown(line.available() - line.spent, currency),
            exceeded: line.is_exceeded(),
        });
    }
    let mut unbudgeted = Vec::new();
    for ((_, category), amount) in sums.expenses.iter().filter(|((day, _), _)| *day == month) {
        if lines.iter().all(|line| line.line.category != *category) {
            spent = plus(spent, *amount)?;
            unbudgeted.push(UnbudgetedCategory {
                category: category.clone(),
                actual: shown(*amount, currency),
            });
        }
    }
    Ok(BudgetActualResponse {
        budget_id: budget.id,
        month,
        currency,
        categories,
        unbudgeted,
        planned: shown(planned, currency),
        actual: shown(spent, currency),
        income: shown(sums.income.get(&month).copied().unwrap_or_default(), currency),
    })
}

/// With the decimals of the currency.
fn shown(amount: Decimal, currency: Currency) -> Amount {
    Amount(Money::new(amount, currency).map_or(amount, |money| money.amount()))
}
