//! What somebody sold and bought, in order, from the entries of all of their portfolios.

use crate::{
    actions::made_lot_id,
    entries::{Entry, EntryKind, Leg},
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use store::Stored;
use uuid::Uuid;

/// A part of a lot that was sold.
#[derive(Debug, Clone)]
pub(super) struct Sold {
    pub(super) portfolio: Uuid,
    pub(super) account: Uuid,
    pub(super) entry: Uuid,
    pub(super) kind: EntryKind,
    pub(super) symbol: String,
    pub(super) date: NaiveDate,
    /// Which lot, and since when; none for what a corporate action put right afterwards.
    pub(super) lot: Option<(Uuid, NaiveDate)>,
    pub(super) quantity: Decimal,
    /// How many the lot had before.
    pub(super) lot_quantity: Decimal,
    pub(super) cost: Decimal,
    pub(super) proceeds: Decimal,
}

/// A lot that was bought.
#[derive(Debug, Clone)]
pub(super) struct Bought {
    pub(super) portfolio: Uuid,
    pub(super) entry: Uuid,
    pub(super) lot: Uuid,
    pub(super) symbol: String,
    pub(super) date: NaiveDate,
    pub(super) quantity: Decimal,
    pub(super) cost: Decimal,
}

/// All of it by day.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    pub(super) sold: Vec<Sold>,
    pub(super) bought: Vec<Bought>,
    /// The lots that a lot became by corporate actions: from the new one to the old one.
    pub(super) came_from: BTreeMap<Uuid, Uuid>,
}

impl History {
    /// Reads entries, which are those of one portfolio after the other, each in its order.
    pub(super) fn of(entries: &[Stored<Entry>]) -> Self {
        let mut history = Self::default();
        let undone: BTreeSet<(Uuid, &str)> = entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::CorporateActionUndone)
            .filter_map(|entry| Some((entry.portfolio_id, entry.cause.as_deref()?)))
            .collect();
        let mut held: BTreeMap<Uuid, Decimal> = BTreeMap::new();
        for entry in entries {
            let cause = entry.cause.as_deref().map(|cause| (entry.portfolio_id, cause));
            let undone = cause.is_some_and(|cause| undone.contains(&cause));
            for leg in &entry.legs {
                match entry.kind {
                    EntryKind::Sell => history.sell(entry, leg, &held, false),
                    EntryKind::CorporateAction if !undone => history.sell(entry, leg, &held, true),
                    EntryKind::Buy => history.buy(entry, leg),
                    _ => {}
                }
                if entry.kind == EntryKind::CorporateAction {
                    history.follow(entry, leg);
                }
                for taken in &leg.taken {
                    *held.entry(taken.lot_id).or_default() -= taken.quantity;
                }
                for made in &leg.made {
                    *held.entry(made.id).or_default() += made.quantity;
                }
            }
        }
        history.sold.sort_by_key(|one| (one.date, one.entry));
        history.bought.sort_by_key(|one| (one.date, one.entry));
        history
    }

    /// Of a corporate action only what brought more or less than it cost, and what it put right.
    fn sell(&mut self, entry: &Stored<Entry>, leg: &Leg, held: &BTreeMap<Uuid, Decimal>, action: bool) {
        let sold = |lot, (quantity, lot_quantity), cost, proceeds| Sold {
            portfolio: entry.portfolio_id,
            account: entry.account_id,
            entry: entry.id,
            kind: entry.kind,
            symbol: leg.symbol.clone(),
            date: entry.date,
            lot,
            quantity,
            lot_quantity,
            cost,
            proceeds,
        };
        let mut told = Decimal::ZERO;
        for taken in &leg.taken {
            if action && taken.proceeds == taken.cost {
                continue;
            }
            told += taken.proceeds - taken.cost;
            let before = held.get(&taken.lot_id).copied().unwrap_or(taken.quantity);
            let lot = Some((taken.lot_id, taken.acquired));
            self.sold
                .push(sold(lot, (taken.quantity, before), taken.cost, taken.proceeds));
        }
        let rest = leg.realised - told;
        if !rest.is_zero() {
            let nothing = (Decimal::ZERO, Decimal::ZERO);
            self.sold.push(sold(None, nothing, Decimal::ZERO, rest));
        }
    }

    fn buy(&mut self, entry: &Stored<Entry>, leg: &Leg) {
        self.bought.extend(leg.made.iter().map(|lot| Bought {
            portfolio: entry.portfolio_id,
            entry: entry.id,
            lot: lot.id,
            symbol: leg.symbol.clone(),
            date: lot.acquired,
            quantity: lot.quantity,
            cost: lot.cost,
        }));
    }

    fn follow(&mut self, entry: &Stored<Entry>, leg: &Leg) {
        let action = entry
            .cause
            .as_deref()
            .and_then(|cause| cause.strip_prefix("corporate_action/"));
        let Some(action) = action.and_then(|id| id.parse::<Uuid>().ok()) else {
            return;
        };
        for old in entry.legs.iter().flat_map(|leg| leg.taken.iter()) {
            let new = made_lot_id(action, entry.account_id, &old.lot_id.to_string());
            if leg.made.iter().any(|made| made.id == new) {
                self.came_from.insert(new, old.lot_id);
            }
        }
    }
}
