use crate::number::Number;
use rust_decimal::Decimal;

/// How often the function is asked at most; a search that halves every third step needs far less.
const STEPS: u32 = 400;

/// Where a function that changes its sign between `low` and `high` is nothing, to 24 decimals: false position with
/// the Illinois weights, and a bisection every third step. None when the signs are equal or the function has no value.
pub(crate) fn root(
    function: impl Fn(Decimal) -> Number,
    mut low: Decimal,
    mut high: Decimal,
) -> Option<Decimal> {
    let tolerance = Decimal::new(1, 24);
    let mut at_low = function(low).value()?;
    let mut at_high = function(high).value()?;
    if at_low.is_zero() {
        return Some(low);
    }
    if at_high.is_zero() {
        return Some(high);
    }
    if at_low.is_sign_negative() == at_high.is_sign_negative() {
        return None;
    }
    for step in 0..STEPS {
        if (high - low).abs() <= tolerance {
            break;
        }
        let guess = match step % 3 {
            2 => None,
            _ => at_high
                .checked_sub(at_low)
                .and_then(|rise| (high - low).checked_div(rise))
                .and_then(|run| at_high.checked_mul(run))
                .map(|back| high - back),
        };
        let middle = low + (high - low) / Decimal::TWO;
        let guess = guess
            .filter(|guess| *guess > low && *guess < high)
            .unwrap_or(middle);
        let at_guess = function(guess).value()?;
        if at_guess.is_zero() {
            return Some(guess);
        }
        if at_guess.is_sign_negative() == at_low.is_sign_negative() {
            (low, at_low) = (guess, at_guess);
            at_high /= Decimal::TWO;
        } else {
            (high, at_high) = (guess, at_guess);
            at_low /= Decimal::TWO;
        }
        if at_low.is_zero() || at_high.is_zero() {
            // Halving took away what was left of a value: take the true one again.
            at_low = function(low).value()?;
            at_high = function(high).value()?;
            if at_low.is_zero() {
                return Some(low);
            }
            if at_high.is_zero() {
                return Some(high);
            }
        }
    }
    Some(low + (high - low) / Decimal::TWO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_found_and_its_absence_said() {
        let cube = |x: Decimal| Number::from(x).powi(3) - Number::from(Decimal::TEN);
        let found = root(cube, Decimal::ZERO, Decimal::TEN).unwrap();
        let expected: Decimal = "2.1544346900318837217592935665".parse().unwrap();
        assert!((found - expected).abs() < Decimal::new(1, 22), "{found}");
        assert_eq!(root(cube, Decimal::from(5), Decimal::TEN), None);
    }
}
