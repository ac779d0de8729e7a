use crate::Refusal;
use rust_decimal::{Decimal, MathematicalOps};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// ln 2 to 28 digits.
const LN_2: Decimal = Decimal::from_parts(2_860_148_159, 2_180_329_217, 375_755_839, false, 28);

/// A decimal in the middle of a formula. Once something left the range of 28 digits, or was divided by nothing, the
/// rest of the formula has no value either; [`Number::get`] says so at its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number(Option<Decimal>);

impl Number {
    pub(crate) const ZERO: Number = Number(Some(Decimal::ZERO));
    pub(crate) const ONE: Number = Number(Some(Decimal::ONE));
    pub(crate) const TWO: Number = Number(Some(Decimal::TWO));

    /// The value, if every step had one.
    pub(crate) fn get(self) -> Result<Decimal, Refusal> {
        self.0
            .map(|value| value.normalize())
            .ok_or(Refusal::NoAnswer("the figures leave what 28 digits can hold"))
    }

    /// The value, if every step had one.
    pub(crate) fn value(self) -> Option<Decimal> {
        self.0
    }

    /// `self ^ exponent` by repeated squaring.
    pub(crate) fn powi(self, exponent: u64) -> Number {
        let (mut result, mut square, mut left) = (Number::ONE, self, exponent);
        while left > 0 {
            if left % 2 == 1 {
                result = result * square;
            }
            left /= 2;
            if left > 0 {
                square = square * square;
            }
        }
        result
    }

    /// `self ^ exponent` for a positive base: exact squaring for whole exponents, `e^(y ln x)` otherwise.
    pub(crate) fn pow(self, exponent: Decimal) -> Number {
        let whole = u64::try_from(exponent.abs().trunc())
            .ok()
            .filter(|_| exponent.is_integer());
        match whole {
            Some(whole) if exponent.is_sign_negative() => Number::ONE / self.powi(whole),
            Some(whole) => self.powi(whole),
            None => (self.ln() * exponent.into()).exp(),
        }
    }

    /// e to this power: the Taylor series of a small part, squared back up.
    pub(crate) fn exp(self) -> Number {
        let Some(value) = self.0 else { return self };
        if value.is_sign_negative() {
            // Below e^-64 there is nothing left in 28 decimals.
            if value < Decimal::from(-64) {
                return Number::ZERO;
            }
            return Number::ONE / Number(Some(-value)).exp();
        }
        if value > Decimal::from(66) {
            return Number(None);
        }
        let (mut part, mut halvings) = (value, 0_u32);
        while part > Decimal::new(1, 1) {
            part /= Decimal::TWO;
            halvings += 1;
        }
        let (mut sum, mut term, mut index) = (Decimal::ONE, Decimal::ONE, Decimal::ONE);
        while !term.is_zero() {
            term = term * part / index;
            sum += term;
            index += Decimal::ONE;
        }
        (0..halvings).fold(Number(Some(sum)), |power, _| power * power)
    }

    /// The natural logarithm: `k ln 2 + 2 artanh((m-1)/(m+1))` with m near 1.
    pub(crate) fn ln(self) -> Number {
        let Some(value) = self.0.filter(|value| *value > Decimal::ZERO) else {
            return Number(None);
        };
        let (mut mantissa, mut twos) = (value, 0_i64);
        while mantissa > Decimal::new(15, 1) {
            mantissa /= Decimal::TWO;
            twos += 1;
        }
        while mantissa < Decimal::new(75, 2) {
            mantissa *= Decimal::TWO;
            twos -= 1;
        }
        let ratio = (mantissa - Decimal::ONE) / (mantissa + Decimal::ONE);
        let square = ratio * ratio;
        let (mut sum, mut power, mut index) = (Decimal::ZERO, ratio, Decimal::ONE);
        while !power.is_zero() {
            sum += power / index;
            power *= square;
            index += Decimal::TWO;
        }
        Number(Some(sum * Decimal::TWO)) + Number::from(Decimal::from(twos)) * LN_2.into()
    }

    /// The square root of what is not negative.
    pub(crate) fn sqrt(self) -> Number {
        Number(self.0.and_then(|value| value.sqrt()))
    }
}

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Self(Some(value))
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self(Some(Decimal::from(value)))
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $checked:ident) => {
        impl $trait for Number {
            type Output = Number;

            fn $method(self, other: Number) -> Number {
                Number(
                    self.0
                        .zip(other.0)
                        .and_then(|(left, right)| left.$checked(right)),
                )
            }
        }
    };
}

operator!(Add, add, checked_add);
operator!(Sub, sub, checked_sub);
operator!(Mul, mul, checked_mul);
operator!(Div, div, checked_div);

impl Neg for Number {
    type Output = Number;

    fn neg(self) -> Number {
        Number(self.0.map(|value| -value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::from(text.parse::<Decimal>().unwrap())
    }

    fn close(found: Number, expected: &str) {
        let expected: Decimal = expected.parse().unwrap();
        let difference = (found.get().unwrap() - expected).abs();
        assert!(
            difference <= expected.abs().max(Decimal::ONE) * Decimal::new(1, 25),
            "{found:?} {expected}"
        );
    }

    #[test]
    fn the_elementary_functions_are_good_to_25_digits() {
        close(Number::from(LN_2), "0.6931471805599453094172321215");
        close(Number::ONE.exp(), "2.7182818284590452353602874714");
        close(number("-3.5").exp(), "0.0301973834223185007397862924");
        close(number("10").ln(), "2.3025850929940456840179914547");
        close(number("0.001").ln(), "-6.9077552789821370520539743640");
        close(
            number("1.06").pow(Decimal::new(25, 1)),
            "1.15681700264129935548299243",
        );
        close(Number::TWO.sqrt(), "1.4142135623730950488016887242");
    }

    #[test]
    fn what_leaves_the_range_has_no_value() {
        assert!((number("1e20") * number("1e20") - number("1e20")).get().is_err());
        assert!((Number::ONE / Number::ZERO).get().is_err());
        assert!(number("70").exp().get().is_err());
        assert!(Number::ZERO.ln().get().is_err());
    }
}
