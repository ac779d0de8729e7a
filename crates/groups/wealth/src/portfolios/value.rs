use super::PortfolioRecord;
use crate::market::{Price, Prices};
use kernel::{Currency, Money};
use rust_decimal::Decimal;
use uuid::Uuid;

/// The key of cash among classes and targets.
pub(crate) const CASH: &str = "cash";

/// A position and its worth.
pub(crate) struct ValuedPosition {
    pub(crate) account_id: Uuid,
    pub(crate) symbol: String,
    pub(crate) quantity: Decimal,
    pub(crate) cost: Decimal,
    pub(crate) currency: Currency,
    pub(crate) price: Option<Price>,
    /// The worth in the account's currency.
    pub(crate) worth: Option<Decimal>,
    /// The worth in the portfolio's currency.
    pub(crate) worth_here: Option<Decimal>,
    /// Why there is none.
    pub(crate) reason: Option<String>,
}

/// A portfolio and its worth.
pub(crate) struct Valued {
    pub(crate) positions: Vec<ValuedPosition>,
    /// The cash of all accounts in the portfolio's currency.
    pub(crate) cash: Decimal,
    /// Everything that could be valued.
    pub(crate) total: Decimal,
    /// Whether that is everything.
    pub(crate) complete: bool,
    /// What could not be, and why; what is valued by a stale quote too.
    pub(crate) reasons: Vec<String>,
}

/// Values what a portfolio holds.
pub(crate) fn value_of(portfolio: &PortfolioRecord, prices: &Prices) -> Valued {
    let here = portfolio.currency;
    let mut valued = Valued {
        positions: Vec::new(),
        cash: Decimal::ZERO,
        total: Decimal::ZERO,
        complete: true,
        reasons: Vec::new(),
    };
    for account in &portfolio.accounts {
        match prices
            .rate(account.currency, here)
            .and_then(|rate| converted(account.cash, rate, here))
        {
            Some(cash) => valued.cash += cash,
            None if account.cash.is_zero() => {}
            None => {
                valued.complete = false;
                valued.reasons.push(no_rate(account.currency, here));
            }
        }
    }
    valued.total = valued.cash;
    for one in portfolio.positions.iter().filter(|one| !one.quantity.is_zero()) {
        let account = portfolio
            .accounts
            .iter()
            .find(|account| account.id == one.account_id);
        let currency = account.map_or(here, |account| account.currency);
        let price = prices.price(&one.symbol);
        let worth = price.and_then(|price| converted(one.quantity, price.price, currency));
        let rate = prices.rate(currency, here);
        let worth_here = worth
            .zip(rate)
            .and_then(|(worth, rate)| converted(worth, rate, here));
        let reason = match (price, worth_here) {
            (None, _) => Some(format!("there is no quote of {}", one.symbol)),
            (Some(_), None) => Some(no_rate(currency, here)),
            (Some(price), Some(_)) if price.stale => Some(format!(
                "the quote of {} is of {}: it is stale",
                one.symbol, price.date
            )),
            _ => None,
        };
        valued.total += worth_here.unwrap_or_default();
        valued.complete &= worth_here.is_some();
        valued.reasons.extend(reason.clone());
        valued.positions.push(ValuedPosition {
            account_id: one.account_id,
            symbol: one.symbol.clone(),
            quantity: one.quantity,
            cost: one.cost,
            currency,
            price,
            worth,
            worth_here,
            reason,
        });
    }
    valued.reasons.sort();
    valued.reasons.dedup();
    valued
}

fn no_rate(from: Currency, to: Currency) -> String {
    format!("there is no rate of {from} in {to}: keep a quote of {from}{to}")
}

fn converted(amount: Decimal, rate: Decimal, currency: Currency) -> Option<Decimal> {
    let product = amount.checked_mul(rate)?;
    Money::rounded(product, currency).ok().map(|money| money.amount())
}
