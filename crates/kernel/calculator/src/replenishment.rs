use crate::{Refusal, normal::normal_quantile, number::Number, refusal::require};
use rust_decimal::Decimal;

/// How much to order, and what ordering and holding cost in the period of the demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderQuantity {
    /// The quantity of each order.
    pub quantity: Decimal,
    /// The cost of ordering and of holding together; at this quantity they are equal.
    pub cost: Decimal,
}

/// The economic order quantity of Harris (1913) and Wilson: `sqrt(2 K D / h)`, and its cost `sqrt(2 K D h)`, with the
/// fixed cost of an order K, the demand D of a period and the cost h of holding a unit for that period. Not rounded.
pub fn eoq(fixed_cost: Decimal, holding_cost: Decimal, demand: Decimal) -> Result<OrderQuantity, Refusal> {
    require(fixed_cost >= Decimal::ZERO, "fixed_cost", "must not be negative")?;
    require(
        holding_cost > Decimal::ZERO,
        "holding_cost",
        "must be more than 0",
    )?;
    require(demand >= Decimal::ZERO, "demand", "must not be negative")?;
    let both = Number::TWO * Number::from(fixed_cost) * Number::from(demand);
    Ok(OrderQuantity {
        quantity: (both / holding_cost.into()).sqrt().get()?,
        cost: (both * holding_cost.into()).sqrt().get()?,
    })
}

/// The stock at which to order: the demand during the lead time and a safety stock,
/// `d L + z s sqrt(L)`, where z is the quantile of the normal distribution for the service level (the probability of
/// not running out during the lead time) and s the standard deviation of a day's demand. Not rounded.
pub fn reorder_point(
    daily_demand: Decimal,
    lead_time_days: Decimal,
    demand_sd: Decimal,
    service_level: Decimal,
) -> Result<Decimal, Refusal> {
    require(
        daily_demand >= Decimal::ZERO,
        "daily_demand",
        "must not be negative",
    )?;
    require(
        lead_time_days >= Decimal::ZERO,
        "lead_time_days",
        "must not be negative",
    )?;
    require(demand_sd >= Decimal::ZERO, "demand_sd", "must not be negative")?;
    require(
        service_level > Decimal::ZERO && service_level < Decimal::ONE,
        "service_level",
        "must be more than 0 and less than 1, such as 0.95",
    )?;
    let demand = Number::from(daily_demand) * lead_time_days.into();
    let deviation = Number::from(demand_sd) * Number::from(lead_time_days).sqrt();
    (demand + Number::from(normal_quantile(service_level)?) * deviation).get()
}
