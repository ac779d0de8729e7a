use super::requests::{DriftPart, DriftResponse};
use crate::{
    market::Prices,
    portfolios::{CASH, PortfolioRecord, TargetBy, value_of},
};
use kernel::Amount;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::Stored;

/// How far a portfolio is from its targets.
pub(crate) fn drift(portfolio: &Stored<PortfolioRecord>, prices: &Prices) -> DriftResponse {
    let valued = value_of(portfolio, prices);
    let mut reasons = valued.reasons.clone();
    let mut actual: BTreeMap<String, Decimal> = BTreeMap::new();
    actual.insert(CASH.to_owned(), valued.cash);
    for one in &valued.positions {
        let key = key_of(portfolio.targets_by, &one.symbol, prices);
        *actual.entry(key).or_default() += one.worth_here.unwrap_or_default();
    }
    if portfolio.targets.is_empty() {
        reasons.push("there are no targets".to_owned());
    } else if valued.total <= Decimal::ZERO {
        reasons.push("the portfolio is worth nothing".to_owned());
    }
    let targeted: Decimal = portfolio.targets.iter().map(|target| target.weight).sum();
    let told = !portfolio.targets.is_empty() && valued.total > Decimal::ZERO;
    let parts: Vec<DriftPart> = match told {
        true => actual_parts(portfolio, &actual, valued.total, targeted),
        false => Vec::new(),
    };
    let largest = parts
        .iter()
        .map(|part| part.drift.0.abs())
        .max()
        .unwrap_or_default();
    DriftResponse {
        portfolio_id: portfolio.id,
        name: portfolio.name.clone(),
        currency: portfolio.currency,
        total: Amount(valued.total),
        by: portfolio.targets_by,
        drifted: parts.iter().any(|part| part.outside),
        parts,
        largest: Amount(largest),
        reasons,
    }
}

fn actual_parts(
    portfolio: &PortfolioRecord,
    actual: &BTreeMap<String, Decimal>,
    total: Decimal,
    targeted: Decimal,
) -> Vec<DriftPart> {
    let part = |key: &str, target: Decimal, band: Decimal| {
        let worth = actual.get(key).copied().unwrap_or_default();
        let share = worth
            .checked_div(total)
            .unwrap_or_default()
            .round_dp(6)
            .normalize();
        let drift = (share - target).normalize();
        DriftPart {
            key: key.to_owned(),
            target: Amount(target),
            actual: Amount(share),
            drift: Amount(drift),
            band: Amount(band),
            outside: drift.abs() > band,
        }
    };
    let targets = &portfolio.targets;
    let mut parts: Vec<DriftPart> = targets
        .iter()
        .map(|target| part(&target.key, target.weight, target.band))
        .collect();
    let named = |key: &String| targets.iter().any(|target| target.key == *key);
    for key in actual.keys().filter(|key| !named(key)) {
        // What no target speaks of should not be there; what the targets leave is cash.
        let target = match key == CASH {
            true => (Decimal::ONE - targeted).max(Decimal::ZERO),
            false => Decimal::ZERO,
        };
        parts.push(part(key, target, Decimal::new(5, 2)));
    }
    parts
}

/// Under which target something counts.
pub(super) fn key_of(by: TargetBy, symbol: &str, prices: &Prices) -> String {
    let instrument = prices.instruments.get(symbol);
    match by {
        TargetBy::Symbol => symbol.to_owned(),
        TargetBy::Class => instrument.map_or("unknown", |one| one.class.as_str()).to_owned(),
        TargetBy::Sector => instrument
            .and_then(|one| one.sector.clone())
            .unwrap_or_else(|| "unknown".to_owned()),
    }
}
