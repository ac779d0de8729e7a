use super::{PortfolioRecord, value::value_of, weight};
use crate::{market::Prices, planning::drift};
use chrono::NaiveDate;
use kernel::{CallContext, NewEvent};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::Stored;
use wealth_contract::{PORTFOLIO_COMPOSED, PortfolioComposed, PortfolioDrift, PortfolioPart};

/// The event of what a portfolio is made of.
pub(crate) fn composed(
    cx: &CallContext,
    stored: &Stored<PortfolioRecord>,
    prices: &Prices,
    date: NaiveDate,
) -> NewEvent {
    let valued = value_of(stored, prices);
    let mut classes: BTreeMap<&str, Decimal> = BTreeMap::from([(super::CASH, valued.cash)]);
    for one in &valued.positions {
        let instrument = prices.instruments.get(&one.symbol);
        let class = instrument.map_or("unknown", |instrument| instrument.class.as_str());
        *classes.entry(class).or_default() += one.worth_here.unwrap_or_default();
    }
    let part = |(key, value): (&str, Decimal)| PortfolioPart {
        key: key.to_owned(),
        value,
        weight: weight(value, valued.total),
    };
    let mut classes: Vec<PortfolioPart> = classes.into_iter().map(part).collect();
    classes.retain(|part| !part.value.is_zero());
    classes.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.key.cmp(&b.key)));
    let mut outside = drift(stored, prices).parts;
    outside.retain(|part| part.outside);
    outside.sort_by(|a, b| {
        let farthest = b.drift.0.abs().cmp(&a.drift.0.abs());
        farthest.then_with(|| a.key.cmp(&b.key))
    });
    let drifted = outside.into_iter().map(|part| PortfolioDrift {
        key: part.key,
        target: part.target.0,
        actual: part.actual.0,
    });
    let facts = PortfolioComposed {
        portfolio_id: stored.id,
        user_id: stored.user_id,
        client_id: stored.client_id,
        currency: stored.currency,
        date,
        value: valued.total,
        complete: valued.complete,
        classes,
        has_targets: !stored.targets.is_empty(),
        drifted: drifted.collect(),
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    let subject = format!("portfolio/{}", stored.id);
    NewEvent::new(cx, PORTFOLIO_COMPOSED, subject, data).at_version(stored.version)
}
