use super::{
    Table,
    profit_and_loss::rows,
    requests::{CashFlow, CashSection},
    service::{Lines, exact, lines},
};
use crate::{
    accounts::AccountKind,
    balances::{Flow, plus},
    error::Error,
    journal::{AccountType, LedgerAccount},
    ledger::Chart,
    report::{Period, Place},
};
use kernel::Currency;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The kinds of a book's money accounts.
pub(crate) type Kinds = BTreeMap<Uuid, AccountKind>;

#[derive(Default)]
struct Sides {
    opening: Decimal,
    operating: Lines,
    investing: Lines,
    financing: Lines,
    exchange: Decimal,
}

/// What moved the cash of each currency.
pub(super) fn make(
    chart: &Chart,
    kinds: &Kinds,
    period: Period,
    flows: &[Flow],
) -> Result<Vec<CashSection>, Error> {
    let mut sections: BTreeMap<&str, (Currency, Sides)> = BTreeMap::new();
    for flow in flows {
        let (other, amount) = match (is_cash(kinds, &flow.debit), is_cash(kinds, &flow.credit)) {
            (true, false) => (&flow.credit, flow.amount),
            (false, true) => (&flow.debit, -flow.amount),
            _ => continue,
        };
        let (_, sides) = sections
            .entry(flow.currency.code())
            .or_insert_with(|| (flow.currency, Sides::default()));
        match period.day(flow.date) {
            Place::Before => sides.opening = plus(sides.opening, amount)?,
            Place::Inside => count(sides, chart, other, amount)?,
            Place::After | Place::Cut => {}
        }
    }
    let mut made = Vec::with_capacity(sections.len());
    for (currency, sides) in sections.into_values() {
        let (operating, net_operating) = lines(chart, sides.operating, currency)?;
        let (investing, net_investing) = lines(chart, sides.investing, currency)?;
        let (financing, net_financing) = lines(chart, sides.financing, currency)?;
        let mut closing = plus(sides.opening, sides.exchange)?;
        for net in [net_operating, net_investing, net_financing] {
            closing = plus(closing, net)?;
        }
        made.push(CashSection {
            currency,
            opening_cash: exact(sides.opening, currency)?,
            operating,
            investing,
            financing,
            exchange: exact(sides.exchange, currency)?,
            net_operating: exact(net_operating, currency)?,
            net_investing: exact(net_investing, currency)?,
            net_financing: exact(net_financing, currency)?,
            closing_cash: exact(closing, currency)?,
        });
    }
    Ok(made)
}

/// Whether an account holds cash: not what is invested, lent or borrowed.
fn is_cash(kinds: &Kinds, account: &LedgerAccount) -> bool {
    let kind = account.money().and_then(|id| kinds.get(&id));
    matches!(
        kind,
        Some(AccountKind::Checking | AccountKind::Savings | AccountKind::Cash | AccountKind::Other)
    )
}

fn count(sides: &mut Sides, chart: &Chart, other: &LedgerAccount, amount: Decimal) -> Result<(), Error> {
    let known = chart.get(other).map(|entry| entry.account_type);
    let kind = other
        .name()
        .map(|(kind, _)| kind)
        .or(known)
        .unwrap_or(AccountType::Asset);
    let side = match kind {
        AccountType::Income | AccountType::Expense => &mut sides.operating,
        AccountType::Asset => &mut sides.investing,
        AccountType::Equity if *other == LedgerAccount::exchange() => {
            sides.exchange = plus(sides.exchange, amount)?;
            return Ok(());
        }
        AccountType::Liability | AccountType::Equity => &mut sides.financing,
    };
    let sum = side.entry(other.clone()).or_default();
    *sum = plus(*sum, amount)?;
    Ok(())
}

impl CashFlow {
    /// As rows of figures.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new(&["currency", "part", "account", "name", "amount"]);
        for section in &self.sections {
            let mut figure = |part: &str, amount: kernel::Amount| {
                table.row([
                    section.currency.code().into(),
                    part.into(),
                    "".into(),
                    "".into(),
                    amount.0.into(),
                ]);
            };
            figure("opening cash", section.opening_cash);
            figure("exchange", section.exchange);
            for (part, lines) in [
                ("operating", &section.operating),
                ("investing", &section.investing),
                ("financing", &section.financing),
            ] {
                rows(&mut table, section.currency, part, lines);
            }
            table.row([
                section.currency.code().into(),
                "closing cash".into(),
                "".into(),
                "".into(),
                section.closing_cash.0.into(),
            ]);
        }
        table
    }
}
