use crate::{Refusal, number::Number, refusal::require};
use rust_decimal::Decimal;

/// When payments are made, as spreadsheets number it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Due {
    /// 0: at the end of a period.
    #[default]
    End,
    /// 1: at its beginning.
    Beginning,
}

/// The payment of each period that brings `pv` to `fv` in `nper` periods; what is received is positive, what is paid is
/// negative, as in the function `PMT` of spreadsheets (OpenFormula 1.2, 6.12.36).
///
/// Solves `pv (1+r)^n + pmt (1 + r due) ((1+r)^n - 1) / r + fv = 0`; `pmt = -(pv + fv) / n` where the rate is 0. Not
/// rounded. The number of periods may have a fraction.
pub fn pmt(rate: Decimal, nper: Decimal, pv: Decimal, fv: Decimal, due: Due) -> Result<Decimal, Refusal> {
    require(nper > Decimal::ZERO, "nper", "must be more than 0")?;
    require(rate > Decimal::NEGATIVE_ONE, "rate", "must be more than -1")?;
    payment(rate.into(), nper, pv.into(), fv.into(), due).get()
}

fn payment(rate: Number, nper: Decimal, pv: Number, fv: Number, due: Due) -> Number {
    if rate == Number::ZERO {
        return -(pv + fv) / nper.into();
    }
    let discount = (Number::ONE / (Number::ONE + rate)).pow(nper);
    let each = -(pv + fv * discount) * rate / (Number::ONE - discount);
    match due {
        Due::End => each,
        Due::Beginning => each / (Number::ONE + rate),
    }
}

/// What payments of `payment` at the end of each of `periods` periods are worth before the first:
/// `payment (1 - (1+r)^-n) / r`.
pub fn present_value(rate: Decimal, periods: u32, payment: Decimal) -> Result<Decimal, Refusal> {
    require(rate > Decimal::NEGATIVE_ONE, "rate", "must be more than -1")?;
    worth(rate.into(), periods, payment.into()).get()
}

fn worth(rate: Number, periods: u32, payment: Number) -> Number {
    if rate == Number::ZERO {
        return payment * Number::from(periods);
    }
    let discount = (Number::ONE / (Number::ONE + rate)).powi(u64::from(periods));
    payment * (Number::ONE - discount) / rate
}

/// The interest paid in the periods `start` to `end` (from 1, both included) of a loan of `pv` that is paid off in
/// `nper` equal payments: negative, as in the function `CUMIPMT` of spreadsheets (OpenFormula 1.2, 6.12.11).
///
/// Interest is what was paid less what the debt went down by: `pmt (end - start + 1) + D(start-1) - D(end)`, with the
/// debt `D(k) = -pmt (1 - (1+r)^(k-n)) / r`, which is `pv` before the first payment. Not rounded.
pub fn cumipmt(
    rate: Decimal,
    nper: u32,
    pv: Decimal,
    start: u32,
    end: u32,
    due: Due,
) -> Result<Decimal, Refusal> {
    require(rate > Decimal::ZERO, "rate", "must be more than 0")?;
    require(nper > 0, "nper", "must be at least 1")?;
    require(pv > Decimal::ZERO, "pv", "must be more than 0")?;
    require(start >= 1, "start", "must be at least 1: the first period")?;
    require(end >= start, "end", "must not be before 'start'")?;
    require(end <= nper, "end", "must not be after the last period, 'nper'")?;
    let (rate, pv) = (Number::from(rate), Number::from(pv));
    let each = payment(rate, Decimal::from(nper), pv, Number::ZERO, due);
    let debt = |paid: u32| match paid {
        0 => pv,
        _ => worth(rate, nper - paid, -each),
    };
    (each * Number::from(end - start + 1) + debt(start - 1) - debt(end)).get()
}
