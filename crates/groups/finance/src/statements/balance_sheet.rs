use super::{
    Table,
    profit_and_loss::rows,
    requests::{BalanceSection, BalanceSheet},
    service::{Lines, exact, lines},
};
use crate::{
    balances::{Flow, Sums, plus},
    error::Error,
    fx::{Converter, Pool},
    journal::{AccountType, LedgerAccount},
    ledger::Chart,
};
use chrono::NaiveDate;
use kernel::Currency;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What lies on the accounts of one currency, each in the usual sense of its kind.
#[derive(Default)]
struct Sides {
    assets: Lines,
    liabilities: Lines,
    equity: Lines,
    earnings: Decimal,
}

impl Sides {
    /// Counts what was debited to an account.
    fn count(&mut self, chart: &Chart, account: &LedgerAccount, debited: Decimal) -> Result<(), Error> {
        let (side, amount) = match kind_of(chart, account) {
            AccountType::Asset => (&mut self.assets, debited),
            AccountType::Liability => (&mut self.liabilities, -debited),
            AccountType::Equity => (&mut self.equity, -debited),
            AccountType::Income | AccountType::Expense => {
                self.earnings = plus(self.earnings, -debited)?;
                return Ok(());
            }
        };
        let sum = side.entry(account.clone()).or_default();
        *sum = plus(*sum, amount)?;
        Ok(())
    }
}

fn kind_of(chart: &Chart, account: &LedgerAccount) -> AccountType {
    let named = account.name().map(|(kind, _)| kind);
    let known = chart.get(account).map(|entry| entry.account_type);
    named.or(known).unwrap_or(AccountType::Asset)
}

/// A balance sheet for each currency: each adds up by itself.
pub(super) fn by_currency(chart: &Chart, sums: &Sums) -> Result<Vec<BalanceSection>, Error> {
    let mut sections: BTreeMap<&str, (Currency, Sides)> = BTreeMap::new();
    for (account, currency, sum) in sums.iter() {
        let (_, sides) = sections
            .entry(currency.code())
            .or_insert_with(|| (currency, Sides::default()));
        sides.count(chart, account, sum)?;
    }
    sections
        .into_values()
        .map(|(currency, sides)| section(chart, sides, currency, None))
        .collect()
}

/// One balance sheet in a report currency: what is there by the rate of the last day, what came and went by the rates
/// of its days, and the gains between them.
pub(super) async fn converted(
    chart: &Chart,
    days: &[Flow],
    as_of: NaiveDate,
    mut converter: Converter<'_>,
) -> Result<BalanceSection, Error> {
    let currency = converter.currency();
    let mut there: BTreeMap<(LedgerAccount, &str), (Currency, Decimal)> = BTreeMap::new();
    let mut held: BTreeMap<(&str, NaiveDate), (Currency, Decimal)> = BTreeMap::new();
    let mut sides = Sides::default();
    for flow in days {
        for (account, debited) in [(&flow.debit, flow.amount), (&flow.credit, -flow.amount)] {
            let code = flow.currency.code();
            match kind_of(chart, account) {
                AccountType::Asset | AccountType::Liability => {
                    let (_, sum) = there
                        .entry((account.clone(), code))
                        .or_insert((flow.currency, Decimal::ZERO));
                    *sum = plus(*sum, debited)?;
                    let (_, change) = held
                        .entry((code, flow.date))
                        .or_insert((flow.currency, Decimal::ZERO));
                    *change = plus(*change, debited)?;
                }
                // What stands here in several currencies is the other side of what came and went in them.
                AccountType::Equity if *account == LedgerAccount::exchange() => {}
                AccountType::Equity | AccountType::Income | AccountType::Expense => {
                    let value = converter.value(debited, flow.currency, flow.date).await?;
                    sides.count(chart, account, value)?;
                }
            }
        }
    }
    for ((account, _), (of, sum)) in there {
        let value = converter.value(sum, of, as_of).await?;
        sides.count(chart, &account, value)?;
    }
    let mut pools: BTreeMap<&str, (Currency, Pool)> = BTreeMap::new();
    for ((code, day), (of, change)) in held {
        if of == currency || change.is_zero() {
            continue;
        }
        let value = converter.value(change, of, day).await?;
        let (_, pool) = pools.entry(code).or_insert((of, Pool::default()));
        pool.change(change, value)?;
    }
    let mut unrealised = Decimal::ZERO;
    for (of, pool) in pools.into_values() {
        let worth = converter.value(pool.units, of, as_of).await?;
        unrealised = plus(unrealised, plus(worth, -pool.cost)?)?;
    }
    section(chart, sides, currency, Some(unrealised))
}

/// `unrealised` is given for a converted sheet: what lies between its sides is then gain.
fn section(
    chart: &Chart,
    sides: Sides,
    currency: Currency,
    unrealised: Option<Decimal>,
) -> Result<BalanceSection, Error> {
    let (assets, total_assets) = lines(chart, sides.assets, currency)?;
    let (liabilities, total_liabilities) = lines(chart, sides.liabilities, currency)?;
    let (equity, own) = lines(chart, sides.equity, currency)?;
    let retained = exact(sides.earnings, currency)?;
    let net_assets = plus(total_assets, -total_liabilities)?;
    let (realised, unrealised) = match unrealised {
        None => (Decimal::ZERO, Decimal::ZERO),
        Some(unrealised) => {
            let unrealised = exact(unrealised, currency)?.0;
            let all = plus(net_assets, -plus(own, retained.0)?)?;
            (plus(all, -unrealised)?, unrealised)
        }
    };
    let total_equity = plus(plus(own, retained.0)?, plus(realised, unrealised)?)?;
    Ok(BalanceSection {
        currency,
        assets,
        liabilities,
        equity,
        retained_earnings: retained,
        realised_fx_gain: exact(realised, currency)?,
        unrealised_fx_gain: exact(unrealised, currency)?,
        total_assets: exact(total_assets, currency)?,
        total_liabilities: exact(total_liabilities, currency)?,
        total_equity: exact(total_equity, currency)?,
    })
}

impl BalanceSheet {
    /// As rows of figures.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new(&["currency", "part", "account", "name", "amount"]);
        for section in &self.sections {
            for (part, lines) in [
                ("asset", &section.assets),
                ("liability", &section.liabilities),
                ("equity", &section.equity),
            ] {
                rows(&mut table, section.currency, part, lines);
            }
            for (name, amount) in [
                ("retained earnings", section.retained_earnings),
                ("realised fx gain", section.realised_fx_gain),
                ("unrealised fx gain", section.unrealised_fx_gain),
            ] {
                table.row([
                    section.currency.code().into(),
                    "equity".into(),
                    "".into(),
                    name.into(),
                    amount.0.into(),
                ]);
            }
        }
        table
    }
}
