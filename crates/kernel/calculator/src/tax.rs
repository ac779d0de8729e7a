use crate::{Refusal, number::Number, refusal::require};
use rust_decimal::Decimal;

/// What a wash sale does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WashSale {
    /// The part of the loss that cannot be deducted: 0 or more.
    pub disallowed_loss: Decimal,
    /// The part that can: 0 or more.
    pub allowed_loss: Decimal,
    /// What each purchase costs with the loss that was added to it, in their order.
    pub new_bases: Vec<Decimal>,
}

/// The US rule of wash sales (US IRS publication 550, "Wash Sales"): the loss on as many as were bought again is not
/// deducted but added to the cost of those, in the order in which they were bought. Quantities with their total costs or
/// proceeds; the caller has chosen the purchases within 30 days.
pub fn wash_sale(
    buy: (Decimal, Decimal),
    sell: (Decimal, Decimal),
    rebuys: &[(Decimal, Decimal)],
) -> Result<WashSale, Refusal> {
    require(buy.0 > Decimal::ZERO, "buy[0]", "must be more than 0")?;
    require(buy.1 >= Decimal::ZERO, "buy[1]", "must not be negative")?;
    require(sell.0 > Decimal::ZERO, "sell[0]", "must be more than 0")?;
    require(sell.0 <= buy.0, "sell[0]", "must not be more than was bought")?;
    require(sell.1 >= Decimal::ZERO, "sell[1]", "must not be negative")?;
    let cost = Number::from(buy.1) * sell.0.into() / buy.0.into();
    let loss = (cost - sell.1.into()).get()?.max(Decimal::ZERO);
    let mut left = sell.0;
    let mut disallowed = Number::ZERO;
    let mut new_bases = Vec::with_capacity(rebuys.len());
    for (index, (quantity, total)) in rebuys.iter().enumerate() {
        require(
            *quantity > Decimal::ZERO,
            &format!("rebuys[{index}][0]"),
            "must be more than 0",
        )?;
        require(
            *total >= Decimal::ZERO,
            &format!("rebuys[{index}][1]"),
            "must not be negative",
        )?;
        let matched = left.min(*quantity);
        left -= matched;
        let added = Number::from(loss) * matched.into() / sell.0.into();
        disallowed = disallowed + added;
        new_bases.push((Number::from(*total) + added).get()?);
    }
    Ok(WashSale {
        disallowed_loss: disallowed.get()?,
        allowed_loss: (Number::from(loss) - disallowed).get()?,
        new_bases,
    })
}

/// The long-term capital gain of listed shares bought before February 2018 (Income-tax Act of India, section 112A with
/// section 55(2)(ac)): the sale less the cost of acquisition, which is the higher of the cost and the lower of the fair value
/// of 31 January 2018 and the sale. Negative for a loss.
pub fn ltcg_112a(cost: Decimal, fair_value_2018: Decimal, sale: Decimal) -> Result<Decimal, Refusal> {
    for (field, figure) in [
        ("cost", cost),
        ("fair_value_2018", fair_value_2018),
        ("sale", sale),
    ] {
        require(figure >= Decimal::ZERO, field, "must not be negative")?;
    }
    let acquisition = cost.max(fair_value_2018.min(sale));
    (Number::from(sale) - acquisition.into()).get()
}
