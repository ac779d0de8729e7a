use crate::{Refusal, number::Number, refusal::require, root::root};
use rust_decimal::Decimal;

/// An amount at a time counted in unit-periods from the first advance: a whole number of them and a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CashFlow {
    /// Whole unit-periods (t or q of the appendix).
    pub periods: u32,
    /// The rest of one, from 0 to below 1 (f or e).
    pub fraction: Decimal,
    /// How much: more than 0.
    pub amount: Decimal,
}

/// The annual percentage rate by the actuarial method of US Regulation Z (12 CFR 1026), appendix J, as a fraction:
/// the unit-period rate i for which
/// `sum A / ((1 + e i)(1 + i)^q) = sum P / ((1 + f i)(1 + i)^t)`, times the unit-periods of a year. Simple interest within
/// the fraction, compound over whole periods. Good to 20 decimals; not rounded.
///
/// There is no answer when the payments add up to less than the advances.
pub fn apr(
    advances: &[CashFlow],
    payments: &[CashFlow],
    periods_per_year: Decimal,
) -> Result<Decimal, Refusal> {
    require(
        periods_per_year > Decimal::ZERO,
        "periods_per_year",
        "must be more than 0",
    )?;
    check("advance", advances)?;
    check("payments", payments)?;
    let value = |rate: Decimal| worth(payments, rate) - worth(advances, rate);
    let at_nothing = value(Decimal::ZERO).get()?;
    if at_nothing.is_zero() {
        return Ok(Decimal::ZERO);
    }
    if at_nothing.is_sign_negative() {
        return Err(Refusal::NoAnswer("the payments add up to less than the advances"));
    }
    let mut low = Decimal::ZERO;
    let mut high = Decimal::new(1, 2);
    while value(high).get()? > Decimal::ZERO {
        low = high;
        high *= Decimal::TWO;
        if high > Decimal::from(1_000_000) {
            return Err(Refusal::NoAnswer("no rate makes the payments worth the advances"));
        }
    }
    let rate =
        root(value, low, high).ok_or(Refusal::NoAnswer("no rate makes the payments worth the advances"))?;
    (Number::from(rate) * periods_per_year.into()).get()
}

fn check(name: &str, flows: &[CashFlow]) -> Result<(), Refusal> {
    require(!flows.is_empty(), name, "must have at least one entry")?;
    for (index, flow) in flows.iter().enumerate() {
        let at = format!("{name}[{index}]");
        require(
            flow.amount > Decimal::ZERO,
            &at,
            "must have an amount of more than 0",
        )?;
        require(
            flow.fraction >= Decimal::ZERO && flow.fraction < Decimal::ONE,
            &at,
            "must have a fraction of a period from 0 to below 1",
        )?;
    }
    Ok(())
}

/// What the flows are worth at time 0. Consecutive periods reuse the discount of the one before.
fn worth(flows: &[CashFlow], rate: Decimal) -> Number {
    let rate = Number::from(rate);
    let discount = Number::ONE / (Number::ONE + rate);
    let (mut periods, mut factor) = (0, Number::ONE);
    let mut sum = Number::ZERO;
    for flow in flows {
        factor = match flow.periods.checked_sub(periods) {
            Some(more) => factor * discount.powi(u64::from(more)),
            None => discount.powi(u64::from(flow.periods)),
        };
        periods = flow.periods;
        let odd = Number::ONE + Number::from(flow.fraction) * rate;
        sum = sum + Number::from(flow.amount) * factor / odd;
    }
    sum
}
