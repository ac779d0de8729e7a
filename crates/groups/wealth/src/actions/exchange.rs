//! Actions in which lots go and others stand in their place. What the lots cost is never lost: what goes, what comes and what
//! is realised add up.

use super::{
    effect::{Effect, Held, leg, not_entitled, shared, skipped, times, too_large, whole},
    models::Choice,
};
use crate::{entries::Lot, error::Error};
use calculator::rights as basis;
use kernel::CallError;
use rust_decimal::Decimal;

/// So many new shares in the place of the old ones: the cost and the day of acquisition stay. What was sold since the ex-date
/// was sold as new shares already: the rest has the cost that it would have if the action had been applied at once, and the gain
/// of those sales is put right by the difference.
pub(super) fn same(held: &Held<'_>, ratio: (Decimal, Decimal)) -> Result<Effect, Error> {
    let mut leg = leg(&held.action.symbol);
    let mut made = Decimal::ZERO;
    for lot in &held.then.lots {
        let (quantity, cost) = held.today(lot.id);
        let all = times(lot.quantity, ratio)?;
        let sold = lot.quantity - quantity;
        let left = all - sold;
        if left < Decimal::ZERO {
            return Err(skipped(format!(
                "{} of {} were sold since, and there are only {} after it: those sales were entered in old shares",
                sold.normalize(),
                held.action.symbol,
                all.normalize()
            )));
        }
        let cost_left = match sold.is_zero() {
            true => cost,
            false => {
                let cost = lot.cost.checked_mul(left).ok_or_else(too_large)?;
                held.money(cost.checked_div(all).ok_or_else(too_large)?)?
            }
        };
        if quantity > Decimal::ZERO {
            leg.taken.push(whole(lot, quantity, cost, Decimal::ZERO));
        }
        if left > Decimal::ZERO {
            leg.made.push(Lot {
                id: held.lot_id(&lot.id.to_string()),
                acquired: lot.acquired,
                quantity: left.normalize(),
                cost: cost_left,
            });
        }
        leg.realised += cost_left - cost;
        made += all;
    }
    let mut effect = Effect {
        legs: vec![leg],
        ..Effect::default()
    };
    held.pay_fraction(&mut effect, &held.action.symbol, made)?;
    Ok(effect)
}

/// Shares of another name in the place of those that are still held: the cost and the day of acquisition stay.
pub(super) fn renamed(held: &Held<'_>, ratio: (Decimal, Decimal)) -> Result<Effect, Error> {
    let to = new_symbol(held)?;
    let (mut from, mut into) = (leg(&held.action.symbol), leg(to));
    let mut all = Decimal::ZERO;
    for (lot, quantity, cost) in remaining(held)? {
        let new = times(quantity, ratio)?;
        from.taken.push(whole(lot, quantity, cost, Decimal::ZERO));
        into.made.push(Lot {
            id: held.lot_id(&lot.id.to_string()),
            acquired: lot.acquired,
            quantity: new,
            cost,
        });
        all += new;
    }
    let mut effect = Effect {
        legs: vec![from, into],
        ..Effect::default()
    };
    held.pay_fraction(&mut effect, to, all)?;
    Ok(effect)
}

/// Shares of the new company, cash, or both. Where there are both, the cost is divided by their values: the part of the cash
/// is sold, the part of the shares goes on.
pub(super) fn merger(held: &Held<'_>) -> Result<Effect, Error> {
    let Some(amount) = held.action.amount else {
        return renamed(held, held.ratio()?);
    };
    let lots = remaining(held)?;
    let quantities: Vec<Decimal> = lots.iter().map(|(_, quantity, _)| *quantity).collect();
    let gross = quantities.iter().sum::<Decimal>().checked_mul(amount);
    let cash = held.money(held.converted(gross.ok_or_else(too_large)?)?)?;
    let brought = shared(held, cash, &quantities)?;
    let mut from = leg(&held.action.symbol);
    let Some(ratio) = held.action.ratio else {
        for ((lot, quantity, cost), brought) in lots.into_iter().zip(brought) {
            from.taken.push(whole(lot, quantity, cost, brought - cost));
            from.realised += brought - cost;
        }
        return Ok(Effect {
            legs: vec![from],
            cash,
            ..Effect::default()
        });
    };
    let to = new_symbol(held)?;
    let mut into = leg(to);
    let mut all = Decimal::ZERO;
    for ((lot, quantity, cost), brought) in lots.into_iter().zip(brought) {
        let new = times(quantity, (ratio.new, ratio.old))?;
        let worth = held.converted(held.action.fair_value_new.unwrap_or_default())?;
        let worth = new.checked_mul(worth).ok_or_else(too_large)?;
        let part = cost.checked_mul(brought).ok_or_else(too_large)?;
        let part = held.money(part.checked_div(brought + worth).unwrap_or_default())?;
        from.taken.push(whole(lot, quantity, cost, brought - part));
        from.realised += brought - part;
        into.made.push(Lot {
            id: held.lot_id(&lot.id.to_string()),
            acquired: lot.acquired,
            quantity: new,
            cost: cost - part,
        });
        all += new;
    }
    let mut effect = Effect {
        legs: vec![from, into],
        cash,
        ..Effect::default()
    };
    held.pay_fraction(&mut effect, to, all)?;
    Ok(effect)
}

/// Shares of a company that leaves: they take the declared part of the cost along, and the day of acquisition. Of what was
/// sold since the ex-date the shares come too; their part of the cost is what those sales are put right by.
pub(super) fn spin_off(held: &Held<'_>) -> Result<Effect, Error> {
    let to = new_symbol(held)?;
    let share = held.action.cost_share.unwrap_or_default();
    let part = |cost: Decimal| held.money(cost.checked_mul(share).ok_or_else(too_large)?);
    let (mut parent, mut child) = (leg(&held.action.symbol), leg(to));
    let mut all = Decimal::ZERO;
    for lot in &held.then.lots {
        let (quantity, cost) = held.today(lot.id);
        let new = times(lot.quantity, held.ratio()?)?;
        let gone = part(cost)?;
        let taken_along = match quantity == lot.quantity {
            true => gone,
            false => part(lot.cost)?,
        };
        if quantity > Decimal::ZERO && !gone.is_zero() {
            parent.revalued.push((lot.id, cost - gone));
        }
        child.made.push(Lot {
            id: held.lot_id(&lot.id.to_string()),
            acquired: lot.acquired,
            quantity: new,
            cost: taken_along,
        });
        parent.realised += taken_along - gone;
        all += new;
    }
    let mut effect = Effect {
        legs: vec![parent, child],
        ..Effect::default()
    };
    held.pay_fraction(&mut effect, to, all)?;
    Ok(effect)
}

/// Rights: whole ones only. Those that are used or sold take a part of the shares' cost along where the action says what
/// both are worth; otherwise they cost nothing.
pub(super) fn rights(held: &Held<'_>, choice: Choice) -> Result<Effect, Error> {
    let action = held.action;
    let given = times(held.then.quantity(), held.ratio()?)?.trunc();
    let used = held.left.map_or(given, |left| left.min(given));
    if !matches!(choice, Choice::Subscribe | Choice::Sell) || used.is_zero() {
        return Err(not_entitled("its owner lets the rights lapse"));
    }
    let mut old = leg(&action.symbol);
    let part = rights_basis(held, used)?;
    if !part.is_zero() {
        let lots = held
            .lots()
            .iter()
            .filter(|lot| held.then.lots.iter().any(|then| then.id == lot.id));
        let lots: Vec<&Lot> = lots.collect();
        let quantities: Vec<Decimal> = lots.iter().map(|lot| lot.quantity).collect();
        let parts = shared(held, part, &quantities)?;
        if lots.iter().zip(&parts).any(|(lot, part)| *part > lot.cost) {
            return Err(skipped(
                "a lot costs less than its part of the rights: apply it without fair values",
            ));
        }
        old.revalued = lots
            .iter()
            .zip(parts)
            .map(|(lot, part)| (lot.id, lot.cost - part))
            .collect();
    }
    let price = match choice {
        Choice::Sell => action.rights_price.unwrap_or_default(),
        _ => action.subscription_price.unwrap_or_default(),
    };
    let amount = held.money(held.converted(used.checked_mul(price).ok_or_else(too_large)?)?)?;
    let mut effect = Effect {
        used,
        ..Effect::default()
    };
    match choice {
        Choice::Sell => {
            effect.cash = amount;
            old.realised = amount - part;
        }
        _ => {
            effect.cash = -amount;
            old.made.push(Lot {
                id: held.lot_id("rights"),
                acquired: action.effective(),
                quantity: used,
                cost: amount + part,
            });
        }
    }
    effect.legs.push(old);
    Ok(effect)
}

fn rights_basis(held: &Held<'_>, used: Decimal) -> Result<Decimal, Error> {
    let action = held.action;
    let Some((share, right)) = action.fair_value_share.zip(action.fair_value_right) else {
        return Ok(Decimal::ZERO);
    };
    let lots = held
        .lots()
        .iter()
        .filter(|lot| held.then.lots.iter().any(|then| then.id == lot.id));
    let (shares, cost) = lots.fold((Decimal::ZERO, Decimal::ZERO), |(shares, cost), lot| {
        (shares + lot.quantity, cost + lot.cost)
    });
    if shares.is_zero() {
        return Ok(Decimal::ZERO);
    }
    let unit = cost.checked_div(shares).ok_or_else(too_large)?;
    let price = action.subscription_price.unwrap_or_default();
    held.money(basis(shares, unit, used, price, share, right)?.rights_basis)
}

/// The lots that were held before the ex-date and still are, with their quantity and cost of today.
fn remaining<'a>(held: &Held<'a>) -> Result<Vec<(&'a Lot, Decimal, Decimal)>, Error> {
    let lots = held.then.lots.iter().map(|lot| {
        let (quantity, cost) = held.today(lot.id);
        (lot, quantity, cost)
    });
    let lots: Vec<_> = lots
        .filter(|(_, quantity, _)| *quantity > Decimal::ZERO)
        .collect();
    match lots.is_empty() {
        true => Err(skipped(format!(
            "all of {} that was held before {} was sold since",
            held.action.symbol, held.action.ex_date
        ))),
        false => Ok(lots),
    }
}

fn new_symbol<'a>(held: &Held<'a>) -> Result<&'a str, Error> {
    let symbol = held.action.new_symbol.as_deref();
    symbol.ok_or_else(|| CallError::internal("an action has no new symbol").into())
}
