use kernel::{Currency, Money};
use rust_decimal::Decimal;

/// Amounts are below 10^18, so that sums of very many of them can still be kept exactly.
const TOO_LARGE: i128 = 1_000_000_000_000_000_000;

/// Checks how much moves: more than nothing, below 10^18, and no finer than the currency.
pub(crate) fn check_amount(amount: Decimal, currency: Currency) -> Result<Money, String> {
    if amount <= Decimal::ZERO {
        return Err("must be more than 0".to_owned());
    }
    if amount >= Decimal::from(TOO_LARGE) {
        return Err("must be less than 1000000000000000000".to_owned());
    }
    Money::new(amount, currency).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_positive_bounded_and_as_fine_as_its_currency() {
        let check =
            |text: &str, currency: &str| check_amount(text.parse().unwrap(), currency.parse().unwrap());
        assert_eq!(check("12.5", "INR").unwrap().to_string(), "12.50 INR");
        assert!(check("999999999999999999.99", "INR").is_ok());
        for (amount, currency) in [
            ("0", "INR"),
            ("-1", "INR"),
            ("1000000000000000000", "INR"),
            ("0.001", "INR"),
            ("0.1", "JPY"),
        ] {
            assert!(check(amount, currency).is_err(), "{amount} {currency}");
        }
    }
}
