use super::{
    compare::{Kept, filled},
    shadow::PortfolioShadow,
};
use crate::{
    entries::{BookState, Desk, PositionState, holding_id},
    error::Error,
    funding::FundingStep,
    market::Market,
};
use kernel::{CallContext, Money};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::{Batch, Store};

/// Writes what the feed says over what is kept of a portfolio, in one commit. Answers whether it could: somebody may have been
/// faster. What the feed knows and nobody has, as an order that is gone, stays gone: an event holds no words of people.
pub(super) async fn put_right(
    store: &Store,
    market: &Market,
    kept: &Kept,
    told: &PortfolioShadow,
    state: &BookState,
) -> Result<bool, Error> {
    let cx = CallContext::system(store.group(), kept.portfolio.tenant_id, store.sources().ids());
    let mut batch = store.batch(&cx);
    holdings(&mut batch, kept, state);
    entries(&mut batch, kept, told);
    steps(&mut batch, kept, told);
    let reserved = told.reserved();
    let portfolio = kept.portfolio.changed(|record| {
        for account in &mut record.accounts {
            let zero = Money::zero(account.currency).amount();
            account.cash = state.cash.get(&account.id).copied().unwrap_or(zero);
            account.reserved = reserved.get(&account.id).copied().unwrap_or(zero);
        }
        record.positions.clear();
        for ((account, symbol), holding) in &state.holdings {
            record.put(PositionState {
                account_id: *account,
                symbol: symbol.clone(),
                quantity: holding.quantity(),
                cost: holding.cost(),
                realised: holding.realised,
            });
        }
    });
    // It is valued anew, and whoever hears of values hears of it.
    Desk::new(store, market, portfolio)
        .finish(&cx, &mut batch)
        .await?;
    match store.commit(batch).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_lost_race() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn holdings(batch: &mut Batch, kept: &Kept, state: &BookState) {
    let mut open: BTreeMap<_, _> = state
        .holdings
        .iter()
        .map(|((account, symbol), holding)| (holding_id(*account, symbol), holding))
        .collect();
    for known in &kept.holdings {
        match open.remove(&known.id) {
            Some(right) if *right == known.data => {}
            Some(right) => drop(batch.replace(&known.with(right.clone()))),
            None => batch.remove(known),
        }
    }
    for (id, right) in open {
        batch.insert(id, right.clone());
    }
}

fn entries(batch: &mut Batch, kept: &Kept, told: &PortfolioShadow) {
    let mut open: BTreeMap<_, _> = told
        .entries
        .range(..=kept.portfolio.entries)
        .map(|(_, (id, entry))| (*id, entry))
        .collect();
    for known in &kept.entries {
        match open.remove(&known.id) {
            Some(right) if *right == known.data => {}
            Some(right) => drop(batch.replace(&known.with(right.clone()))),
            None => batch.remove(known),
        }
    }
    for (id, right) in open {
        batch.insert(id, right.clone());
    }
}

fn steps(batch: &mut Batch, kept: &Kept, told: &PortfolioShadow) {
    for order in &kept.orders {
        let Some((steps, last)) = told
            .orders
            .get(&order.id)
            .and_then(|steps| steps.last().map(|last| (steps, last)))
        else {
            continue;
        };
        let filled: Decimal = filled(steps);
        if order.steps != *steps || order.state != last.state || order.filled != filled {
            batch.replace(&order.changed(|record| {
                record.enter(last.state);
                record.filled = filled;
                record.steps.clone_from(steps);
            }));
        }
    }
    for funding in &kept.fundings {
        let Some(steps) = told.fundings.get(&funding.id) else {
            continue;
        };
        let same = funding.steps.len() == steps.len()
            && funding
                .steps
                .iter()
                .zip(steps)
                .all(|(kept, told)| kept.state == told.facts.state);
        let Some(last) = steps.last() else { continue };
        if same && funding.state == last.facts.state {
            continue;
        }
        batch.replace(&funding.changed(|record| {
            record.state = last.facts.state;
            record.date = last.facts.date;
            record.steps = steps
                .iter()
                .map(|step| FundingStep {
                    state: step.facts.state,
                    at: step.at,
                    by: step.by.clone(),
                    reasons: step.facts.reasons.clone(),
                })
                .collect();
        }));
    }
}
