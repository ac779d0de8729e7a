use crate::{Refusal, number::Number, refusal::require};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Which lots are sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LotMethod {
    /// The oldest first.
    Fifo,
    /// The newest first.
    Lifo,
    /// Those with the highest cost of a unit first.
    Hifo,
    /// All alike, at the average cost.
    Average,
}

/// A quantity and what was paid or received for all of it, on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// When.
    pub date: NaiveDate,
    /// How many: more than 0.
    pub quantity: Decimal,
    /// The total cost of a purchase, or the total proceeds of a sale: 0 or more.
    pub total: Decimal,
}

/// What a sale realised and what it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotSale {
    /// The proceeds less the cost of what was sold.
    pub realised_gain: Decimal,
    /// How many are left.
    pub remaining_quantity: Decimal,
    /// What they cost.
    pub remaining_cost: Decimal,
}

/// A part of a lot that is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenLot {
    /// Which lot, by its place in the list that was given.
    pub lot: usize,
    /// How many of it.
    pub quantity: Decimal,
    /// What they cost.
    pub cost: Decimal,
}

/// Says which lots a sale takes, in the order in which it takes them. Lots that were bought after the sale are left alone. By
/// average the oldest go first, each at the average cost of all. Not rounded.
pub fn take_lots(
    method: LotMethod,
    lots: &[Trade],
    date: NaiveDate,
    quantity: Decimal,
) -> Result<Vec<TakenLot>, Refusal> {
    let mut order: Vec<usize> = (0..lots.len()).filter(|at| lots[*at].date <= date).collect();
    let sum = |of: fn(&Trade) -> Decimal| {
        let each = order.iter().map(|at| Number::from(of(&lots[*at])));
        each.fold(Number::ZERO, |sum, one| sum + one).get()
    };
    let (held, cost) = (sum(|lot| lot.quantity)?, sum(|lot| lot.total)?);
    if quantity > held {
        let message = format!("is more than was held on that day: {}", held.normalize());
        return Err(Refusal::invalid("sell[1]", message));
    }
    // A stable order: lots of one day stay as they were given.
    match method {
        LotMethod::Lifo => order.sort_by_key(|at| std::cmp::Reverse(lots[*at].date)),
        LotMethod::Hifo => order.sort_by(|a, b| {
            let unit = |at: &usize| lots[*at].total / lots[*at].quantity;
            unit(b).cmp(&unit(a)).then(lots[*a].date.cmp(&lots[*b].date))
        }),
        LotMethod::Fifo | LotMethod::Average => order.sort_by_key(|at| lots[*at].date),
    }
    let mut wanted = quantity;
    let mut taken = Vec::new();
    for at in order {
        if wanted.is_zero() {
            break;
        }
        let part = wanted.min(lots[at].quantity);
        let (total, of) = match method {
            LotMethod::Average => (cost, held),
            _ => (lots[at].total, lots[at].quantity),
        };
        taken.push(TakenLot {
            lot: at,
            quantity: part,
            cost: (Number::from(total) * part.into() / of.into()).get()?,
        });
        wanted -= part;
    }
    Ok(taken)
}

/// Sells from lots. Lots that were bought after the sale are left alone. Not rounded.
pub fn sell_lots(method: LotMethod, buys: &[Trade], sell: Trade) -> Result<LotSale, Refusal> {
    check("sell", &sell)?;
    for (index, buy) in buys.iter().enumerate() {
        check(&format!("buys[{index}]"), buy)?;
    }
    let sum = |of: fn(&Trade) -> Decimal| {
        let each = buys.iter().map(|trade| Number::from(of(trade)));
        each.fold(Number::ZERO, |sum, one| sum + one)
    };
    let taken = take_lots(method, buys, sell.date, sell.quantity)?;
    let cost = match method {
        // In one division, so that nothing of it is lost lot by lot.
        LotMethod::Average => {
            let then = buys.iter().filter(|buy| buy.date <= sell.date);
            let (all, held) = then.fold((Number::ZERO, Number::ZERO), |(all, held), buy| {
                (all + buy.total.into(), held + buy.quantity.into())
            });
            all * sell.quantity.into() / held
        }
        _ => taken
            .iter()
            .fold(Number::ZERO, |cost, one| cost + one.cost.into()),
    };
    Ok(LotSale {
        realised_gain: (Number::from(sell.total) - cost).get()?,
        remaining_quantity: (sum(|trade| trade.quantity) - sell.quantity.into()).get()?,
        remaining_cost: (sum(|trade| trade.total) - cost).get()?,
    })
}

fn check(at: &str, trade: &Trade) -> Result<(), Refusal> {
    require(
        trade.quantity > Decimal::ZERO,
        &format!("{at}[1]"),
        "must be more than 0",
    )?;
    require(
        trade.total >= Decimal::ZERO,
        &format!("{at}[2]"),
        "must not be negative",
    )
}
