use crate::{Refusal, number::Number, refusal::require};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Which way a trade goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Shares are bought.
    Buy,
    /// Shares are sold.
    Sell,
}

/// Something to be traded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RebalanceTrade {
    /// Of what.
    pub symbol: String,
    /// Which way.
    pub side: Side,
    /// How many whole shares.
    pub quantity: Decimal,
    /// What they are worth.
    pub amount: Decimal,
}

/// What leads from a portfolio to its targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebalance {
    /// What to trade: sales first.
    pub trades: Vec<RebalanceTrade>,
    /// What is not traded, and why.
    pub skipped: Vec<(String, String)>,
    /// The cash afterwards.
    pub cash: Decimal,
}

/// One symbol: how many shares its target is away, above 0 to buy.
struct Wanted {
    symbol: String,
    price: Decimal,
    away: Decimal,
    /// How many whole shares are traded, below 0 for a sale.
    shares: Decimal,
}

/// Leads a portfolio to its target weights with whole shares. Weights are fractions of positions and cash together and add
/// up to at most 1; a position without a target is sold. Each trade stops at the last whole share before the target, and
/// sales go one share beyond it where the purchases need the cash, so afterwards no holding is more than a share away. Trades
/// below `minimum_trade` are left out, and purchases that the cash then does not reach for are made smaller.
pub fn rebalance(
    positions: &BTreeMap<String, Decimal>,
    targets: &BTreeMap<String, Decimal>,
    prices: &BTreeMap<String, Decimal>,
    cash: Decimal,
    minimum_trade: Decimal,
) -> Result<Rebalance, Refusal> {
    rebalance_keeping(positions, targets, prices, cash, minimum_trade, &BTreeMap::new())
}

/// The same, selling nothing of what is in `kept`: symbols with the reason for which they are not sold.
pub fn rebalance_keeping(
    positions: &BTreeMap<String, Decimal>,
    targets: &BTreeMap<String, Decimal>,
    prices: &BTreeMap<String, Decimal>,
    cash: Decimal,
    minimum_trade: Decimal,
    kept: &BTreeMap<String, String>,
) -> Result<Rebalance, Refusal> {
    require(cash >= Decimal::ZERO, "cash", "must not be negative")?;
    require(
        minimum_trade >= Decimal::ZERO,
        "minimum_trade",
        "must not be negative",
    )?;
    let mut wanted = wanted(positions, targets, prices, cash)?;
    let mut skipped = Vec::new();
    for one in &mut wanted {
        one.shares = one.away.trunc();
        if let Some(reason) = kept.get(&one.symbol).filter(|_| one.away < Decimal::ZERO) {
            one.shares = Decimal::ZERO;
            skipped.push((one.symbol.clone(), reason.clone()));
        } else if one.away.is_zero() {
            skipped.push((one.symbol.clone(), "it is on its target".to_owned()));
        } else if one.shares.is_zero() {
            let reason = "it is less than one share away from its target".to_owned();
            skipped.push((one.symbol.clone(), reason));
        }
    }
    sell_for_purchases(&mut wanted, cash, kept)?;
    for one in &mut wanted {
        let amount = (Number::from(one.shares) * one.price.into()).get()?.abs();
        if !one.shares.is_zero() && amount < minimum_trade {
            let reason = format!(
                "the trade of {} is below the minimum of {minimum_trade}",
                amount.normalize()
            );
            skipped.push((one.symbol.clone(), reason));
            one.shares = Decimal::ZERO;
        }
    }
    let left = buy_within(&mut wanted, cash, minimum_trade, &mut skipped)?;
    let traded: BTreeSet<&str> = (wanted.iter())
        .filter(|one| !one.shares.is_zero())
        .map(|one| one.symbol.as_str())
        .collect();
    skipped.retain(|(symbol, reason)| !traded.contains(symbol.as_str()) || reason.starts_with("fewer"));
    wanted.sort_by_key(|one| one.shares > Decimal::ZERO);
    let mut trades = Vec::new();
    for one in wanted.iter().filter(|one| !one.shares.is_zero()) {
        trades.push(RebalanceTrade {
            symbol: one.symbol.clone(),
            side: match one.shares > Decimal::ZERO {
                true => Side::Buy,
                false => Side::Sell,
            },
            quantity: one.shares.abs().normalize(),
            amount: (Number::from(one.shares.abs()) * one.price.into()).get()?,
        });
    }
    Ok(Rebalance {
        trades,
        skipped,
        cash: left.normalize(),
    })
}

fn wanted(
    positions: &BTreeMap<String, Decimal>,
    targets: &BTreeMap<String, Decimal>,
    prices: &BTreeMap<String, Decimal>,
    cash: Decimal,
) -> Result<Vec<Wanted>, Refusal> {
    let mut weights = Number::ZERO;
    for (symbol, weight) in targets {
        let at = format!("targets.{symbol}");
        require(*weight >= Decimal::ZERO, &at, "must not be negative")?;
        weights = weights + (*weight).into();
    }
    require(
        weights.get()? <= Decimal::ONE,
        "targets",
        "must add up to at most 1",
    )?;
    let symbols: BTreeSet<&String> = positions.keys().chain(targets.keys()).collect();
    let mut total = Number::from(cash);
    for symbol in &symbols {
        let at = format!("prices.{symbol}");
        let price = prices
            .get(*symbol)
            .ok_or_else(|| Refusal::invalid(&at, "is required"))?;
        require(*price > Decimal::ZERO, &at, "must be more than 0")?;
        let held = positions.get(*symbol).copied().unwrap_or_default();
        require(
            held >= Decimal::ZERO,
            &format!("positions.{symbol}"),
            "must not be negative",
        )?;
        total = total + Number::from(held) * (*price).into();
    }
    let mut wanted = Vec::with_capacity(symbols.len());
    for symbol in symbols {
        let price = prices.get(symbol).copied().unwrap_or(Decimal::ONE);
        let held = positions.get(symbol).copied().unwrap_or_default();
        let weight = targets.get(symbol).copied().unwrap_or_default();
        let away = (total * weight.into() / price.into() - held.into()).get()?;
        wanted.push(Wanted {
            symbol: symbol.clone(),
            price,
            // What division leaves in the last digits is no share.
            away: away.round_dp(18),
            shares: Decimal::ZERO,
        });
    }
    Ok(wanted)
}

fn cash_after(wanted: &[Wanted], cash: Decimal) -> Result<Decimal, Refusal> {
    let moves = wanted
        .iter()
        .map(|one| Number::from(one.shares) * one.price.into());
    moves.fold(Number::from(cash), |left, spent| left - spent).get()
}

/// Sells one share more of those that are farthest above their target, while the purchases cost more than there is.
fn sell_for_purchases(
    wanted: &mut [Wanted],
    cash: Decimal,
    kept: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let mut order: Vec<usize> = (0..wanted.len())
        .filter(|index| wanted[*index].away < wanted[*index].shares)
        .filter(|index| !kept.contains_key(&wanted[*index].symbol))
        .collect();
    order.sort_by_key(|index| wanted[*index].away - wanted[*index].shares);
    for index in order {
        if cash_after(wanted, cash)? >= Decimal::ZERO {
            break;
        }
        wanted[index].shares -= Decimal::ONE;
    }
    Ok(())
}

/// Makes purchases smaller until the cash reaches for them; answers what is left of it.
fn buy_within(
    wanted: &mut [Wanted],
    cash: Decimal,
    minimum_trade: Decimal,
    skipped: &mut Vec<(String, String)>,
) -> Result<Decimal, Refusal> {
    let mut left = cash_after(wanted, cash)?;
    for one in wanted.iter_mut().filter(|one| one.shares > Decimal::ZERO) {
        if left >= Decimal::ZERO {
            break;
        }
        let too_many = (-left / one.price).ceil().min(one.shares);
        let fewer = one.shares - too_many;
        let amount = fewer * one.price;
        let kept = if amount < minimum_trade {
            Decimal::ZERO
        } else {
            fewer
        };
        left += (one.shares - kept) * one.price;
        one.shares = kept;
        let reason = match kept.is_zero() {
            true => "there is not enough cash".to_owned(),
            false => "fewer than its target asks for: there is not enough cash".to_owned(),
        };
        skipped.push((one.symbol.clone(), reason));
    }
    Ok(left)
}
