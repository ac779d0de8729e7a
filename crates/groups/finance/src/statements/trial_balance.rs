use super::{
    Table,
    requests::{TrialBalance, TrialRow, TrialTotal},
    service::{exact, name_of},
};
use crate::{
    balances::{Sums, plus},
    error::Error,
    journal::AccountType,
    ledger::Chart,
};
use chrono::NaiveDate;
use kernel::{Amount, UserId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The trial balance of a book.
pub(super) fn make(
    user_id: UserId,
    as_of: NaiveDate,
    chart: &Chart,
    sums: &Sums,
) -> Result<TrialBalance, Error> {
    let mut rows = Vec::new();
    let mut totals = BTreeMap::new();
    for (account, currency, sum) in sums.iter().filter(|(_, _, sum)| !sum.is_zero()) {
        let (debit, credit) = match sum.is_sign_positive() {
            true => (sum, Decimal::ZERO),
            false => (Decimal::ZERO, -sum),
        };
        let (_, debits, credits) =
            totals
                .entry(currency.code())
                .or_insert((currency, Decimal::ZERO, Decimal::ZERO));
        *debits = plus(*debits, debit)?;
        *credits = plus(*credits, credit)?;
        let named = account.name().map(|(kind, _)| kind);
        let known = chart.get(account).map(|entry| entry.account_type);
        rows.push(TrialRow {
            account: account.to_string(),
            name: name_of(chart, account),
            account_type: known.or(named).unwrap_or(AccountType::Asset),
            currency,
            debit: exact(debit, currency)?,
            credit: exact(credit, currency)?,
        });
    }
    let mut written = Vec::with_capacity(totals.len());
    for (currency, debit, credit) in totals.into_values() {
        written.push(TrialTotal {
            currency,
            debit: exact(debit, currency)?,
            credit: exact(credit, currency)?,
        });
    }
    Ok(TrialBalance {
        user_id,
        as_of,
        rows,
        totals: written,
    })
}

impl TrialBalance {
    /// As rows of figures.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new(&["account", "name", "type", "currency", "debit", "credit"]);
        for row in &self.rows {
            let Amount(debit) = row.debit;
            let Amount(credit) = row.credit;
            table.row([
                row.account.as_str().into(),
                row.name.as_str().into(),
                row.account_type.as_str().into(),
                row.currency.code().into(),
                debit.into(),
                credit.into(),
            ]);
        }
        table
    }
}
