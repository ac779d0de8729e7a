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

/// Sells from lots. Lots that were bought after the sale are left alone. Not rounded.
pub fn sell_lots(method: LotMethod, buys: &[Trade], sell: Trade) -> Result<LotSale, Refusal> {
    check("sell", &sell)?;
    for (index, buy) in buys.iter().enumerate() {
        check(&format!("buys[{index}]"), buy)?;
    }
    let mut lots: Vec<Trade> = buys.iter().copied().filter(|buy| buy.date <= sell.date).collect();
    let sum = |of: fn(&Trade) -> Decimal, trades: &[Trade]| {
        let each = trades.iter().map(|trade| Number::from(of(trade)));
        each.fold(Number::ZERO, |sum, one| sum + one).get()
    };
    let held = sum(|trade| trade.quantity, &lots)?;
    if sell.quantity > held {
        let message = format!("is more than was held on that day: {}", held.normalize());
        return Err(Refusal::invalid("sell[1]", message));
    }
    let cost = match method {
        LotMethod::Average => {
            let all = Number::from(sum(|trade| trade.total, &lots)?);
            all * sell.quantity.into() / held.into()
        }
        _ => {
            // A stable order: lots of one day stay as they were given.
            match method {
                LotMethod::Lifo => lots.sort_by_key(|lot| std::cmp::Reverse(lot.date)),
                LotMethod::Hifo => lots.sort_by(|a, b| {
                    let unit = |lot: &Trade| lot.total / lot.quantity;
                    unit(b).cmp(&unit(a)).then(a.date.cmp(&b.date))
                }),
                LotMethod::Fifo | LotMethod::Average => lots.sort_by_key(|lot| lot.date),
            }
            let (mut wanted, mut cost) = (sell.quantity, Number::ZERO);
            for lot in &lots {
                let taken = wanted.min(lot.quantity);
                cost = cost + Number::from(lot.total) * taken.into() / lot.quantity.into();
                wanted -= taken;
            }
            cost
        }
    };
    Ok(LotSale {
        realised_gain: (Number::from(sell.total) - cost).get()?,
        remaining_quantity: (Number::from(sum(|trade| trade.quantity, buys)?) - sell.quantity.into())
            .get()?,
        remaining_cost: (Number::from(sum(|trade| trade.total, buys)?) - cost).get()?,
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
