use crate::{Due, Refusal, normal::normal_cdf, number::Number, refusal::require};
use rust_decimal::Decimal;

/// What monthly payments become: `P ((1+i)^n - 1) / i`, times `1+i` when they are made at the beginning of a month, with
/// the monthly rate `i = annual_rate / 12`. Not rounded.
pub fn sip_future_value(
    monthly: Decimal,
    months: u32,
    annual_rate: Decimal,
    due: Due,
) -> Result<Decimal, Refusal> {
    require(monthly >= Decimal::ZERO, "monthly", "must not be negative")?;
    require(
        annual_rate > Decimal::from(-12),
        "annual_rate",
        "must be more than -12: the rate of a month is a twelfth of it",
    )?;
    let rate = Number::from(annual_rate) / Number::from(12_u32);
    let paid = Number::from(monthly);
    if annual_rate.is_zero() {
        return (paid * Number::from(months)).get();
    }
    let value = paid * ((Number::ONE + rate).powi(u64::from(months)) - Number::ONE) / rate;
    match due {
        Due::End => value,
        Due::Beginning => value * (Number::ONE + rate),
    }
    .get()
}

/// The probability that `start` has grown to `target` or more after some years, when wealth follows a geometric Brownian
/// motion: `N((ln(start/target) + (mean - volatility^2 / 2) T) / (volatility sqrt(T)))`. Mean and volatility are those of a
/// year; the mean is the drift of wealth, not of its logarithm. Without volatility or time it is 0 or 1. Not rounded.
pub fn goal_probability(
    start: Decimal,
    target: Decimal,
    years: Decimal,
    mean: Decimal,
    volatility: Decimal,
) -> Result<Decimal, Refusal> {
    require(start > Decimal::ZERO, "start", "must be more than 0")?;
    require(target > Decimal::ZERO, "target", "must be more than 0")?;
    require(years >= Decimal::ZERO, "years", "must not be negative")?;
    require(volatility >= Decimal::ZERO, "volatility", "must not be negative")?;
    let variance = Number::from(volatility) * volatility.into();
    let drift = (Number::from(mean) - variance / Number::TWO) * years.into();
    let ahead = ((Number::from(start) / target.into()).ln() + drift).get()?;
    let spread = (Number::from(volatility) * Number::from(years).sqrt()).get()?;
    if spread.is_zero() {
        return Ok(match ahead >= Decimal::ZERO {
            true => Decimal::ONE,
            false => Decimal::ZERO,
        });
    }
    Ok(normal_cdf((Number::from(ahead) / spread.into()).get()?).normalize())
}
