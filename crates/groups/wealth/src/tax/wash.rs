//! The rule of wash sales: a loss is not deducted where the same is bought within days of the sale. It looks at all portfolios
//! of a person.

use super::history::{Bought, History, Sold};
use crate::error::Error;
use calculator::wash_sale;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A purchase that takes a disallowed loss over.
#[derive(Debug, Clone)]
pub(super) struct Replacement {
    pub(super) bought: Bought,
    /// How many of it stand for shares that were sold.
    pub(super) quantity: Decimal,
    /// What those cost with the loss.
    pub(super) new_basis: Decimal,
}

/// What the rule says of a sale.
#[derive(Debug, Clone, Default)]
pub(super) struct Washed {
    pub(super) disallowed: Decimal,
    /// What losses of earlier sales added to the cost of this lot.
    pub(super) added: Decimal,
    pub(super) replacements: Vec<Replacement>,
}

/// Goes through all sales in order.
pub(super) fn washed(history: &History, days: Option<u64>) -> Result<Vec<Washed>, Error> {
    let Some(days) = days else {
        return Ok(history.sold.iter().map(|_| Washed::default()).collect());
    };
    let mut used: BTreeMap<Uuid, Decimal> = BTreeMap::new();
    let mut added: BTreeMap<Uuid, Decimal> = BTreeMap::new();
    let mut all = Vec::with_capacity(history.sold.len());
    for sold in &history.sold {
        let mut washed = Washed::default();
        if let Some((lot, _)) = sold.lot {
            let root = root_of(history, lot);
            let carried = added.get(&root).copied().unwrap_or_default();
            let part = carried
                .checked_mul(sold.quantity)
                .and_then(|part| part.checked_div(sold.lot_quantity))
                .unwrap_or_default();
            washed.added = part.round_dp(4).normalize();
            added.insert(root, carried - washed.added);
            let cost = sold.cost + washed.added;
            if sold.proceeds < cost && sold.quantity > Decimal::ZERO {
                let candidates = candidates(history, sold, days, &used);
                washed = disallow(sold, cost, candidates, washed.added)?;
            }
        }
        for one in &washed.replacements {
            *used.entry(one.bought.lot).or_default() += one.quantity;
            let before = one.bought.cost_of(one.quantity);
            *added.entry(one.bought.lot).or_default() += one.new_basis - before;
        }
        all.push(washed);
    }
    Ok(all)
}

/// The first lot that became this one.
fn root_of(history: &History, lot: Uuid) -> Uuid {
    let mut root = lot;
    while let Some(before) = history.came_from.get(&root).filter(|before| **before != root) {
        root = *before;
    }
    root
}

/// What was bought of the same within so many days of a sale, the earliest first, and how many of each stand for nothing yet.
fn candidates<'a>(
    history: &'a History,
    sold: &Sold,
    days: u64,
    used: &BTreeMap<Uuid, Decimal>,
) -> Vec<(&'a Bought, Decimal)> {
    let own: BTreeMap<Uuid, Decimal> = history
        .sold
        .iter()
        .filter(|other| other.symbol == sold.symbol && other.date <= sold.date)
        .filter_map(|other| Some((root_of(history, other.lot?.0), other.quantity)))
        .fold(BTreeMap::new(), |mut gone, (lot, quantity)| {
            *gone.entry(lot).or_default() += quantity;
            gone
        });
    let same = sold.lot.map(|(lot, _)| root_of(history, lot));
    // What is left of the lot that was sold is no purchase that replaces it.
    let near = |bought: &&Bought| {
        bought.symbol == sold.symbol && Some(bought.lot) != same && within(bought.date, sold.date, days)
    };
    let left = |bought: &'a Bought| {
        // What was sold until then cannot stand in for what was sold.
        let gone = own.get(&bought.lot).copied().unwrap_or_default();
        let taken = used.get(&bought.lot).copied().unwrap_or_default();
        (bought, bought.quantity - gone - taken)
    };
    let all = history.bought.iter().filter(near).map(left);
    all.filter(|(_, left)| *left > Decimal::ZERO).collect()
}

/// Whether a day is at most so many days before or after another.
pub(super) fn within(day: NaiveDate, of: NaiveDate, days: u64) -> bool {
    let first = of.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN);
    let last = of.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
    (first..=last).contains(&day)
}

fn disallow(
    sold: &Sold,
    cost: Decimal,
    candidates: Vec<(&Bought, Decimal)>,
    added: Decimal,
) -> Result<Washed, Error> {
    let mut left = sold.quantity;
    let mut matched = Vec::new();
    for (bought, free) in candidates {
        let quantity = free.min(left);
        if quantity.is_zero() {
            break;
        }
        left -= quantity;
        matched.push((bought, quantity));
    }
    let rebuys: Vec<(Decimal, Decimal)> = matched
        .iter()
        .map(|(bought, quantity)| (*quantity, bought.cost_of(*quantity)))
        .collect();
    let found = wash_sale((sold.quantity, cost), (sold.quantity, sold.proceeds), &rebuys)?;
    let replacements = matched.into_iter().zip(found.new_bases);
    Ok(Washed {
        disallowed: found.disallowed_loss.round_dp(4).normalize(),
        added,
        replacements: replacements
            .map(|((bought, quantity), new_basis)| Replacement {
                bought: bought.clone(),
                quantity,
                new_basis: new_basis.round_dp(4).normalize(),
            })
            .collect(),
    })
}

impl Bought {
    /// What so many of it cost.
    pub(super) fn cost_of(&self, quantity: Decimal) -> Decimal {
        let part = self.cost.checked_mul(quantity);
        let part = part.and_then(|part| part.checked_div(self.quantity));
        part.unwrap_or_default().round_dp(4).normalize()
    }
}
