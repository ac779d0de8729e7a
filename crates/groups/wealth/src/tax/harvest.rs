//! Losses that could be realised, what they would save, and whether a wash-sale rule stands in the way.

use super::{
    gains::{counted, ruled},
    history::History,
    requests::{HarvestCandidate, NearPurchase, Term, WashCheck},
    wash::within,
};
use crate::{
    entries::{Holding, Lot},
    error::Error,
    jurisdiction::{Jurisdiction, Rules},
    market::{Price, Prices},
};
use calculator::wash_sale;
use chrono::{Days, NaiveDate};
use kernel::{Amount, Currency, Money};
use rust_decimal::Decimal;
use store::Stored;
use uuid::Uuid;

/// Shares that will be bought: an order or a schedule that waits.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) portfolio: Uuid,
    pub(super) symbol: String,
    pub(super) kind: &'static str,
    pub(super) date: NaiveDate,
    pub(super) quantity: Decimal,
    pub(super) price: Decimal,
}

/// What a person's losses are looked at with.
pub(super) struct Harvester<'a> {
    pub(super) jurisdiction: Jurisdiction,
    pub(super) today: NaiveDate,
    pub(super) prices: &'a Prices,
    pub(super) history: &'a History,
    pub(super) pending: &'a [Pending],
}

impl Harvester<'_> {
    /// The lots of a holding that have lost.
    pub(super) fn candidates(
        &self,
        holding: &Stored<Holding>,
        currency: Currency,
    ) -> Result<Vec<HarvestCandidate>, Error> {
        let Some(price) = self.prices.price(&holding.symbol) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for lot in &holding.lots {
            found.extend(self.candidate(holding, lot, price, currency)?);
        }
        Ok(found)
    }

    fn candidate(
        &self,
        holding: &Stored<Holding>,
        lot: &Lot,
        price: Price,
        currency: Currency,
    ) -> Result<Option<HarvestCandidate>, Error> {
        let rules = self.jurisdiction.rules()?;
        let worth = lot.quantity.checked_mul(price.price);
        let worth = worth.and_then(|worth| Money::rounded(worth, currency).ok());
        let Some(worth) = worth.map(|money| money.amount()) else {
            return Ok(None);
        };
        let instrument = self.prices.instruments.get(&holding.symbol);
        let ruled = ruled(rules, instrument, Some(lot.acquired), self.today)?;
        let days = (Some(lot.acquired), self.today);
        let (loss, rule) = counted(rules, &ruled, instrument, days, (lot.quantity, lot.cost, worth))?;
        if loss >= Decimal::ZERO {
            return Ok(None);
        }
        let mut told = ruled.told(Some(lot.acquired));
        told.extend(rule.map(str::to_owned));
        told.push(
            match ruled.term {
                Term::Short => "a short-term loss is set against gains of both kinds",
                Term::Long => "a long-term loss is set against long-term gains first",
            }
            .to_owned(),
        );
        let wash = rules
            .wash_sale_days
            .map(|days| self.check(rules, days, holding, lot, (worth, loss)));
        let wash = wash.transpose()?;
        let disallowed = wash.as_ref().map_or(Decimal::ZERO, |wash| wash.disallowed_loss.0);
        let saving = (-loss - disallowed).checked_mul(ruled.rate()).unwrap_or_default();
        let saving = Money::rounded(saving, currency).map_or(saving, |money| money.amount());
        Ok(Some(HarvestCandidate {
            portfolio_id: holding.portfolio_id,
            account_id: holding.account_id,
            symbol: holding.symbol.clone(),
            lot_id: lot.id,
            currency,
            acquired: lot.acquired,
            quantity: Amount(lot.quantity.normalize()),
            cost: Amount(lot.cost),
            market_value: Amount(worth),
            price_date: price.date,
            loss: Amount(loss),
            term: ruled.term,
            rate: Amount(ruled.rate()),
            estimated_saving: Amount(saving),
            wash_sale: wash,
            rules: told,
        }))
    }

    /// What was bought of the same within days before today, beside the lot itself, and what will be bought within days after.
    fn check(
        &self,
        rules: &Rules,
        days: u64,
        holding: &Holding,
        lot: &Lot,
        (worth, loss): (Decimal, Decimal),
    ) -> Result<WashCheck, Error> {
        let bought = self.history.bought.iter().filter(|one| {
            one.symbol == holding.symbol && one.lot != lot.id && within(one.date, self.today, days)
        });
        let mut purchases = Vec::new();
        let mut rebuys = Vec::new();
        for one in bought {
            let gone: Decimal = self
                .history
                .sold
                .iter()
                .filter(|sold| sold.lot.is_some_and(|(sold, _)| sold == one.lot))
                .map(|sold| sold.quantity)
                .sum();
            let left = one.quantity - gone;
            if left > Decimal::ZERO {
                rebuys.push((left, one.cost_of(left)));
                purchases.push(near(one.portfolio, "purchase", one.date, left));
            }
        }
        let last = purchases.iter().map(|one: &NearPurchase| one.date).max();
        let soon = self.pending.iter().filter(|one| {
            one.symbol == holding.symbol && (one.date <= self.today || within(one.date, self.today, days))
        });
        for one in soon {
            rebuys.push((
                one.quantity,
                one.quantity.checked_mul(one.price).unwrap_or_default(),
            ));
            purchases.push(near(one.portfolio, one.kind, one.date, one.quantity));
        }
        let basis = worth - loss;
        let found = wash_sale((lot.quantity, basis), (lot.quantity, worth), &rebuys)?;
        let disallowed = found.disallowed_loss.round_dp(4).normalize();
        let days_rule = rules.wash_sale_days.unwrap_or_default();
        let reason = match purchases.is_empty() {
            true => format!(
                "nothing of {} was bought or is ordered within {days_rule} days: buy none for as long after",
                holding.symbol
            ),
            false => format!(
                "{} of {} stands against it in the portfolios of this person: so much of the loss would go to their cost",
                match purchases.len() {
                    1 => "one purchase".to_owned(),
                    many => format!("{many} purchases"),
                },
                holding.symbol
            ),
        };
        Ok(WashCheck {
            disallowed_loss: Amount(disallowed),
            purchases,
            clear_from: last.and_then(|last| last.checked_add_days(Days::new(days.saturating_add(1)))),
            reason,
        })
    }
}

fn near(portfolio: Uuid, kind: &str, date: NaiveDate, quantity: Decimal) -> NearPurchase {
    NearPurchase {
        portfolio_id: portfolio,
        kind: kind.to_owned(),
        date,
        quantity: Amount(quantity.normalize()),
    }
}
