use crate::{Refusal, number::Number, refusal::require};
use rust_decimal::Decimal;

/// 1 / sqrt(2 pi) to 28 decimals.
fn density_at_0() -> Number {
    Number::ONE / (Number::TWO * Number::from(Decimal::PI)).sqrt()
}

fn density(x: Number) -> Number {
    (-(x * x) / Number::TWO).exp() * density_at_0()
}

/// The part of the standard normal distribution at or below `x`:
/// `1/2 + phi(x) (x + x^3/3 + x^5/(3*5) + ...)` (Abramowitz and Stegun 26.2.11). Good to 20 decimals; beyond 9 standard
/// deviations 0 or 1.
pub fn normal_cdf(x: Decimal) -> Decimal {
    let half = Decimal::new(5, 1);
    if x.abs() > Decimal::from(9) {
        return match x.is_sign_negative() {
            true => Decimal::ZERO,
            false => Decimal::ONE,
        };
    }
    let square = Number::from(x) * Number::from(x);
    let (mut term, mut sum, mut odd) = (Number::from(x), Number::from(x), 1_u32);
    let negligible = Decimal::new(1, 27);
    while term.value().is_some_and(|term| term.abs() > negligible) {
        odd += 2;
        term = term * square / Number::from(odd);
        sum = sum + term;
    }
    let part = Number::from(half) + density(Number::from(x)) * sum;
    part.value()
        .map_or(half, |part| part.clamp(Decimal::ZERO, Decimal::ONE))
}

/// The x below which the part `p` of the standard normal distribution lies, for `p` above 0 and below 1: Newton's method
/// on [`normal_cdf`], from the middle outwards, where it cannot overshoot. Good to 15 decimals for parts that are at
/// least 10^-12 away from 0 and 1.
pub fn normal_quantile(p: Decimal) -> Result<Decimal, Refusal> {
    require(
        p > Decimal::ZERO && p < Decimal::ONE,
        "p",
        "must be more than 0 and less than 1",
    )?;
    let half = Decimal::new(5, 1);
    if p < half {
        return Ok(-normal_quantile(Decimal::ONE - p)?);
    }
    let mut x = Decimal::ZERO;
    for _ in 0..200 {
        let missing = Number::from(p) - Number::from(normal_cdf(x));
        let Some(step) = (missing / density(x.into())).value() else {
            break;
        };
        x += step;
        if step.abs() < Decimal::new(1, 24) {
            break;
        }
    }
    Ok(x.normalize())
}
