use crate::error::Error;
use kernel::CallError;
use rust_decimal::{Decimal, RoundingStrategy};

/// Divides an amount in proportion to weights, exactly: each share is rounded down to the smallest unit, and the units that
/// are left go to the shares that lost most by it (the largest remainder, or Hamilton's method), the first of equals first.
/// The weights must not all be 0.
pub(super) fn divide(amount: Decimal, weights: &[Decimal], decimals: u32) -> Result<Vec<Decimal>, Error> {
    let too_large = || Error::invalid("income", "is too large to be divided exactly");
    let mut whole = Decimal::ZERO;
    for weight in weights {
        whole = whole.checked_add(*weight).ok_or_else(too_large)?;
    }
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = amount;
    for weight in weights {
        // The part first: amounts and weights may both be large.
        let part = weight.checked_div(whole).ok_or_else(|| {
            Error::from(CallError::internal(
                "an amount cannot be divided by weights of nothing",
            ))
        })?;
        let exact = amount.checked_mul(part).ok_or_else(too_large)?;
        let mut share = exact.round_dp_with_strategy(decimals, RoundingStrategy::ToZero);
        share.rescale(decimals);
        left -= share;
        remainders.push(exact - share);
        shares.push(share);
    }
    let unit = Decimal::new(1, decimals);
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| remainders[*b].cmp(&remainders[*a]));
    for index in order.into_iter().cycle().take(shares.len() * 2) {
        if left < unit {
            break;
        }
        shares[index] += unit;
        left -= unit;
    }
    Ok(shares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_units_go_to_whom_rounding_cost_most() {
        let thirds = divide(d("100"), &[d("1"), d("1"), d("1")], 2).unwrap();
        assert_eq!(thirds, [d("33.34"), d("33.33"), d("33.33")]);
        let usual = divide(d("0.01"), &[d("50"), d("30"), d("20")], 2).unwrap();
        assert_eq!(usual, [d("0.01"), d("0"), d("0")]);
    }

    proptest! {
        #[test]
        fn shares_make_the_amount(units in 1_i64..i64::MAX / 2, weights in prop::collection::vec(0_i64..1_000_000, 1..20), decimals in 0_u32..4) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let weights: Vec<Decimal> = weights.into_iter().map(|weight| Decimal::new(weight, 2)).collect();
            let amount = Decimal::new(units, decimals);
            let shares = divide(amount, &weights, decimals).unwrap();
            prop_assert_eq!(shares.iter().sum::<Decimal>(), amount);
            prop_assert!(shares.iter().all(|share| *share >= Decimal::ZERO && share.scale() <= decimals));
        }
    }
}
