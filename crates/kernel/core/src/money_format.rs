//! Money as people read it: grouped digits and large units, Indian for the rupee and international for the rest.

use crate::{Currency, Money};
use rust_decimal::{Decimal, RoundingStrategy};

/// What a unit is worth as a power of ten, and its name for one and for many.
type Unit = (u32, &'static str, &'static str);

const INDIAN: [Unit; 2] = [(7, "crore", "crores"), (5, "lakh", "lakhs")];
const INTERNATIONAL: [Unit; 4] = [
    (12, "trillion", "trillion"),
    (9, "billion", "billion"),
    (6, "million", "million"),
    (3, "thousand", "thousand"),
];

impl Currency {
    /// How it is written before an amount: `₹`, `$`; the code and a space where ISO 4217 knows no sign.
    pub fn sign(self) -> String {
        let sign = self.symbol();
        match sign.as_str() {
            "" | "¤" => format!("{} ", self.code()),
            _ => sign,
        }
    }

    /// Whether its amounts are grouped and counted in lakhs and crores.
    fn is_indian(self) -> bool {
        self == Currency::INR
    }
}

impl Money {
    /// With its sign and grouped digits: `₹50,00,000` in rupees, `$5,000,000` elsewhere. The fraction stands there
    /// unless it is nothing.
    pub fn formatted(&self) -> String {
        let minus = match self.amount() < Decimal::ZERO {
            true => "-",
            false => "",
        };
        let digits = grouped(self.amount().abs(), self.currency());
        format!("{minus}{}{digits}", self.currency().sign())
    }

    /// In the largest unit that it fills, half-up to two decimals: `50 lakhs`, `1 crore`, `1.25 million`; smaller amounts
    /// as grouped digits. The currency is not said.
    pub fn in_units(&self) -> String {
        let units: &[Unit] = match self.currency().is_indian() {
            true => &INDIAN,
            false => &INTERNATIONAL,
        };
        let minus = match self.amount() < Decimal::ZERO {
            true => "-",
            false => "",
        };
        let amount = self.amount().abs();
        for (power, one, many) in units {
            let worth = Decimal::from(10_u64.pow(*power));
            let count = amount / worth;
            let count = count
                .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
                .normalize();
            if count >= Decimal::ONE {
                let name = if count == Decimal::ONE { one } else { many };
                return format!("{minus}{} {name}", grouped(count, self.currency()));
            }
        }
        format!("{minus}{}", grouped(amount, self.currency()))
    }
}

/// The digits of what is not negative, in groups.
fn grouped(amount: Decimal, currency: Currency) -> String {
    let text = match amount.is_integer() {
        true => amount.trunc().normalize().to_string(),
        false => amount.to_string(),
    };
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text.as_str(), None),
    };
    let size = if currency.is_indian() { 2 } else { 3 };
    let (mut rest, last) = whole.split_at(whole.len().saturating_sub(3));
    let mut groups = vec![last];
    while !rest.is_empty() {
        let (before, group) = rest.split_at(rest.len().saturating_sub(size));
        groups.push(group);
        rest = before;
    }
    groups.reverse();
    let whole = groups.join(",");
    match fraction {
        Some(fraction) => format!("{whole}.{fraction}"),
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: &str, currency: &str) -> Money {
        Money::new(amount.parse().unwrap(), currency.parse().unwrap()).unwrap()
    }

    #[test]
    fn digits_are_grouped_as_the_country_groups_them() {
        for (amount, currency, text) in [
            ("5000000", "INR", "₹50,00,000"),
            ("10000000", "INR", "₹1,00,00,000"),
            ("123456789.5", "INR", "₹12,34,56,789.50"),
            ("-99999", "INR", "-₹99,999"),
            ("999", "INR", "₹999"),
            ("0", "INR", "₹0"),
            ("5000000", "USD", "$5,000,000"),
            ("1234.5", "USD", "$1,234.50"),
            ("1234567", "JPY", "¥1,234,567"),
        ] {
            assert_eq!(money(amount, currency).formatted(), text);
        }
    }

    #[test]
    fn large_amounts_have_units() {
        for (amount, currency, text) in [
            ("5000000", "INR", "50 lakhs"),
            ("10000000", "INR", "1 crore"),
            ("15000000", "INR", "1.5 crores"),
            ("100000", "INR", "1 lakh"),
            ("9999999", "INR", "1 crore"),
            ("-250000", "INR", "-2.5 lakhs"),
            ("99000", "INR", "99,000"),
            ("12345678900000", "INR", "12,34,567.89 crores"),
            ("5000000", "USD", "5 million"),
            ("1250", "USD", "1.25 thousand"),
            ("12.5", "EUR", "12.50"),
        ] {
            assert_eq!(money(amount, currency).in_units(), text);
        }
    }
}
