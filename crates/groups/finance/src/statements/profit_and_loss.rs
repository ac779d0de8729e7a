use super::{
    Table,
    requests::{ProfitAndLoss, ProfitSection, StatementLine},
    service::{Lines, exact, lines},
};
use crate::{
    balances::{Flow, plus},
    error::Error,
    journal::{AccountType, LedgerAccount},
    ledger::Chart,
    report::{Period, Place},
};
use kernel::Currency;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

#[derive(Default)]
struct Sides {
    income: Lines,
    expenses: Lines,
}

/// Profit and loss, a section for each currency.
pub(super) fn make(chart: &Chart, period: Period, flows: &[Flow]) -> Result<Vec<ProfitSection>, Error> {
    let mut sections: BTreeMap<&str, (Currency, Sides)> = BTreeMap::new();
    for flow in flows.iter().filter(|flow| period.day(flow.date) == Place::Inside) {
        let (_, sides) = sections
            .entry(flow.currency.code())
            .or_insert_with(|| (flow.currency, Sides::default()));
        count(sides, &flow.debit, flow.amount)?;
        count(sides, &flow.credit, -flow.amount)?;
    }
    let mut made = Vec::new();
    for (currency, sides) in sections.into_values() {
        let (income, total_income) = lines(chart, sides.income, currency)?;
        let (expenses, total_expenses) = lines(chart, sides.expenses, currency)?;
        if income.is_empty() && expenses.is_empty() {
            continue;
        }
        made.push(ProfitSection {
            currency,
            income,
            expenses,
            total_income: exact(total_income, currency)?,
            total_expenses: exact(total_expenses, currency)?,
            net: exact(plus(total_income, -total_expenses)?, currency)?,
        });
    }
    Ok(made)
}

/// Counts what was debited to an account, if it is income or an expense.
fn count(sides: &mut Sides, account: &LedgerAccount, debited: Decimal) -> Result<(), Error> {
    let (side, amount) = match account.name() {
        Some((AccountType::Income, _)) => (&mut sides.income, -debited),
        Some((AccountType::Expense, _)) => (&mut sides.expenses, debited),
        _ => return Ok(()),
    };
    let sum = side.entry(account.clone()).or_default();
    *sum = plus(*sum, amount)?;
    Ok(())
}

impl ProfitAndLoss {
    /// As rows of figures.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new(&["currency", "part", "account", "name", "amount"]);
        for section in &self.sections {
            for (part, lines) in [("income", &section.income), ("expense", &section.expenses)] {
                rows(&mut table, section.currency, part, lines);
            }
            table.row([
                section.currency.code().into(),
                "net".into(),
                "".into(),
                "".into(),
                section.net.0.into(),
            ]);
        }
        table
    }
}

/// Lines of one part of a statement.
pub(super) fn rows(table: &mut Table, currency: Currency, part: &str, lines: &[StatementLine]) {
    for line in lines {
        table.row([
            currency.code().into(),
            part.into(),
            line.account.as_str().into(),
            line.name.as_str().into(),
            line.amount.0.into(),
        ]);
    }
}
