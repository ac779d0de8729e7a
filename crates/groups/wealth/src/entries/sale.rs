//! Which lots a sale takes, and what each of them brings, to the smallest unit of the currency and nothing lost.

use super::{
    holding::Holding,
    models::{Leg, LotMove},
};
use crate::error::Error;
use calculator::{LotMethod, Trade, take_lots};
use chrono::NaiveDate;
use kernel::{Currency, Money};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A lot that is to be sold, and how much of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ChosenLot {
    /// Which.
    pub(crate) lot_id: Uuid,
    /// How many of it: more than 0.
    pub(crate) quantity: kernel::Amount,
}

/// By which rule lots are chosen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SaleRule {
    By(LotMethod),
    Chosen(Vec<ChosenLot>),
}

/// The rounded amount of a currency.
pub(crate) fn rounded(amount: Decimal, currency: Currency) -> Result<Decimal, Error> {
    Money::rounded(amount, currency)
        .map(|money| money.amount())
        .map_err(|error| Error::invalid("quantity", error.to_string()))
}

fn share(total: Decimal, part: Decimal, whole: Decimal, currency: Currency) -> Result<Decimal, Error> {
    if part == whole {
        return Ok(total);
    }
    let share = total
        .checked_mul(part)
        .and_then(|product| product.checked_div(whole));
    let share = share.ok_or_else(|| Error::invalid("quantity", "is too large to be kept exactly"))?;
    rounded(share, currency)
}

/// What a sale does to a holding. The cost that goes and the cost that stays are together what there was.
pub(crate) fn sell(
    holding: &Holding,
    rule: &SaleRule,
    date: NaiveDate,
    quantity: Decimal,
    proceeds: Decimal,
    currency: Currency,
) -> Result<Leg, Error> {
    let parts = match rule {
        SaleRule::By(method) => by_method(holding, *method, date, quantity)?,
        SaleRule::Chosen(chosen) => by_choice(holding, chosen, date, quantity)?,
    };
    match rule {
        SaleRule::By(LotMethod::Average) => at_average(holding, &parts, date, quantity, proceeds, currency),
        _ => at_own_cost(holding, &parts, quantity, proceeds, currency),
    }
}

/// Places in the holding's lots, and how many of each.
type Parts = Vec<(usize, Decimal)>;

fn by_method(
    holding: &Holding,
    method: LotMethod,
    date: NaiveDate,
    quantity: Decimal,
) -> Result<Parts, Error> {
    let lots: Vec<Trade> = holding
        .lots
        .iter()
        .map(|lot| Trade {
            date: lot.acquired,
            quantity: lot.quantity,
            total: lot.cost,
        })
        .collect();
    let held: Decimal = lots
        .iter()
        .filter(|lot| lot.date <= date)
        .map(|lot| lot.quantity)
        .sum();
    if quantity > held {
        return Err(not_held(&holding.symbol, held));
    }
    let taken = take_lots(method, &lots, date, quantity)?;
    Ok(taken.into_iter().map(|one| (one.lot, one.quantity)).collect())
}

/// That more is to be sold than there is.
pub(crate) fn not_held(symbol: &str, held: Decimal) -> Error {
    let reason = format!(
        "{} of {symbol} are held on that day: sell no more than that",
        held.normalize()
    );
    Error::standing("not_held", reason)
}

fn by_choice(
    holding: &Holding,
    chosen: &[ChosenLot],
    date: NaiveDate,
    quantity: Decimal,
) -> Result<Parts, Error> {
    let mut parts = Parts::new();
    for (index, one) in chosen.iter().enumerate() {
        let field = format!("lots[{index}]");
        let place = holding
            .lots
            .iter()
            .position(|lot| lot.id == one.lot_id && lot.acquired <= date)
            .ok_or_else(|| {
                Error::invalid(&format!("{field}.lot_id"), "is no lot that is held on that day")
            })?;
        let wanted = one.quantity.0;
        if parts.iter().any(|(known, _)| *known == place) {
            return Err(Error::invalid(&format!("{field}.lot_id"), "is named twice"));
        }
        if wanted <= Decimal::ZERO || wanted > holding.lots[place].quantity {
            let message = format!(
                "must be more than 0 and at most {}",
                holding.lots[place].quantity.normalize()
            );
            return Err(Error::invalid(&format!("{field}.quantity"), message));
        }
        parts.push((place, wanted));
    }
    let total: Decimal = parts.iter().map(|(_, quantity)| *quantity).sum();
    match total == quantity {
        true => Ok(parts),
        false => Err(Error::invalid("lots", "must add up to the quantity that is sold")),
    }
}

fn at_own_cost(
    holding: &Holding,
    parts: &[(usize, Decimal)],
    quantity: Decimal,
    proceeds: Decimal,
    currency: Currency,
) -> Result<Leg, Error> {
    let mut taken = Vec::with_capacity(parts.len());
    let mut brought = Proceeds::new(quantity, proceeds, currency);
    for (place, part) in parts {
        let lot = &holding.lots[*place];
        let cost = share(lot.cost, *part, lot.quantity, currency)?;
        taken.push(LotMove {
            lot_id: lot.id,
            acquired: lot.acquired,
            quantity: *part,
            cost,
            proceeds: brought.of(*part)?,
            cost_left: lot.cost - cost,
        });
    }
    Ok(leg(&holding.symbol, taken, Vec::new()))
}

/// By average: the pool's cost is shared by quantity; afterwards what is left of each lot costs the average too.
fn at_average(
    holding: &Holding,
    parts: &[(usize, Decimal)],
    date: NaiveDate,
    quantity: Decimal,
    proceeds: Decimal,
    currency: Currency,
) -> Result<Leg, Error> {
    let pool: Vec<usize> = (0..holding.lots.len())
        .filter(|at| holding.lots[*at].acquired <= date)
        .collect();
    let held: Decimal = pool.iter().map(|at| holding.lots[*at].quantity).sum();
    let cost: Decimal = pool.iter().map(|at| holding.lots[*at].cost).sum();
    let gone = share(cost, quantity, held, currency)?;
    let mut costs = Proceeds::new(quantity, gone, currency);
    let mut left = Proceeds::new(held - quantity, cost - gone, currency);
    let mut brought = Proceeds::new(quantity, proceeds, currency);
    let (mut taken, mut revalued) = (Vec::new(), Vec::new());
    for at in pool {
        let lot = &holding.lots[at];
        let part = parts
            .iter()
            .find(|(place, _)| *place == at)
            .map_or(Decimal::ZERO, |(_, part)| *part);
        let rest = lot.quantity - part;
        let cost_left = match rest.is_zero() {
            true => Decimal::ZERO,
            false => left.of(rest)?,
        };
        if part.is_zero() {
            revalued.push((lot.id, cost_left));
            continue;
        }
        taken.push(LotMove {
            lot_id: lot.id,
            acquired: lot.acquired,
            quantity: part,
            cost: costs.of(part)?,
            proceeds: brought.of(part)?,
            cost_left,
        });
    }
    Ok(leg(&holding.symbol, taken, revalued))
}

fn leg(symbol: &str, taken: Vec<LotMove>, revalued: Vec<(Uuid, Decimal)>) -> Leg {
    let realised = taken.iter().map(|one| one.proceeds - one.cost).sum();
    Leg {
        symbol: symbol.to_owned(),
        taken,
        made: Vec::new(),
        realised,
        revalued,
    }
}

/// Shares an amount among quantities that come one after the other; the shares are rounded and add up to the amount.
pub(crate) struct Proceeds {
    quantity: Decimal,
    amount: Decimal,
    currency: Currency,
}

impl Proceeds {
    pub(crate) fn new(quantity: Decimal, amount: Decimal, currency: Currency) -> Self {
        Self {
            quantity,
            amount,
            currency,
        }
    }

    /// The next part's share.
    pub(crate) fn of(&mut self, part: Decimal) -> Result<Decimal, Error> {
        let part_amount = share(self.amount, part, self.quantity, self.currency)?;
        self.quantity -= part;
        self.amount -= part_amount;
        Ok(part_amount)
    }
}
