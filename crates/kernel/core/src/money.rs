use iso_currency::Currency as IsoCurrency;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt, str::FromStr};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Type, schema::Schema},
};

/// A currency of ISO 4217: three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(IsoCurrency);

impl Currency {
    /// The rupee: the default of an installation.
    pub const INR: Currency = Currency(IsoCurrency::INR);

    /// How many decimals an amount of it has: 2 for INR, 0 for JPY.
    pub fn decimals(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    /// The sign of ISO 4217's list, as in `₹`; `¤` where there is none.
    pub(crate) fn symbol(self) -> String {
        self.0.symbol().to_string()
    }

    /// The three letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        if text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(MoneyError::UnknownCurrency);
        }
        let currency = IsoCurrency::from_code(text).ok_or(MoneyError::UnknownCurrency)?;
        currency
            .exponent()
            .map(|_| Self(currency))
            .ok_or(MoneyError::UnknownCurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Currency {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Z]{3}$"))
            .examples(["INR"])
            .into()
    }
}

impl ToSchema for Currency {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Currency")
    }
}

/// Why an amount cannot be money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not in ISO 4217.
    #[error("must be an ISO 4217 currency code such as INR")]
    UnknownCurrency,
    /// Finer than the currency's smallest unit.
    #[error("has more decimals than the currency allows ({decimals})")]
    TooFine {
        /// How many it allows.
        decimals: u32,
    },
    /// Outside what can be kept.
    #[error("is too large to be kept exactly")]
    OutOfRange,
    /// Two currencies in one sum.
    #[error("amounts in different currencies cannot be added")]
    CurrencyMismatch,
}

/// An amount in a currency, exact to the smallest unit. In documents, contracts and events
/// `{"amount": "1250.50", "currency": "INR"}`; the amount is a string, so that no reader makes a float of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WireMoney", into = "WireMoney")]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

#[derive(Serialize, Deserialize)]
struct WireMoney {
    amount: String,
    currency: Currency,
}

impl Money {
    /// Money of exactly this amount; refused when it is finer than the currency's smallest unit.
    pub fn new(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let decimals = currency.decimals();
        let normal = amount.normalize();
        if normal.scale() > decimals {
            return Err(MoneyError::TooFine { decimals });
        }
        let mut fixed = normal;
        fixed.rescale(decimals);
        if fixed != normal || fixed.scale() != decimals {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self {
            amount: fixed,
            currency,
        })
    }

    /// Money of this amount, rounded half-up (away from zero) to the smallest unit.
    pub fn rounded(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        Self::new(
            amount.round_dp_with_strategy(currency.decimals(), RoundingStrategy::MidpointAwayFromZero),
            currency,
        )
    }

    /// Nothing, in a currency.
    pub fn zero(currency: Currency) -> Self {
        let mut amount = Decimal::ZERO;
        amount.rescale(currency.decimals());
        Self { amount, currency }
    }

    /// The amount, with as many decimals as the currency has.
    pub fn amount(&self) -> Decimal {
        self.amount
    }

    /// The currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The sum; refused across currencies.
    pub fn plus(&self, other: &Money) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let sum = self
            .amount
            .checked_add(other.amount)
            .ok_or(MoneyError::OutOfRange)?;
        Self::new(sum, self.currency)
    }

    /// The same amount with the other sign.
    pub fn negated(&self) -> Self {
        Self {
            amount: -self.amount,
            currency: self.currency,
        }
    }

    /// Whether it is more than nothing.
    pub fn is_positive(&self) -> bool {
        self.amount > Decimal::ZERO
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.amount.is_zero()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

impl TryFrom<WireMoney> for Money {
    type Error = String;
    fn try_from(wire: WireMoney) -> Result<Self, String> {
        let amount = wire
            .amount
            .parse::<crate::Amount>()
            .map_err(|error| error.to_string())?;
        Money::new(amount.0, wire.currency).map_err(|error| error.to_string())
    }
}

impl From<Money> for WireMoney {
    fn from(money: Money) -> Self {
        Self {
            amount: money.amount.to_string(),
            currency: money.currency,
        }
    }
}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .property(
                "amount",
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .pattern(Some(r"^-?[0-9]{1,28}(\.[0-9]{1,4})?$")),
            )
            .required("amount")
            .property("currency", Currency::schema())
            .required("currency")
            .into()
    }
}

impl ToSchema for Money {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Money")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: &str, currency: &str) -> Result<Money, MoneyError> {
        Money::new(amount.parse().unwrap(), currency.parse().unwrap())
    }

    #[test]
    fn an_amount_has_the_decimals_of_its_currency() {
        assert_eq!(money("12.5", "INR").unwrap().to_string(), "12.50 INR");
        assert_eq!(money("12.500", "INR").unwrap().to_string(), "12.50 INR");
        assert_eq!(money("12", "JPY").unwrap().to_string(), "12 JPY");
        assert_eq!(money("12.505", "INR"), Err(MoneyError::TooFine { decimals: 2 }));
        assert_eq!(money("0.5", "JPY"), Err(MoneyError::TooFine { decimals: 0 }));
        assert_eq!(money("1.234", "KWD").unwrap().to_string(), "1.234 KWD");
    }

    #[test]
    fn rounding_is_half_up() {
        let rounded = |text: &str| {
            Money::rounded(text.parse().unwrap(), Currency::INR)
                .unwrap()
                .to_string()
        };
        assert_eq!(rounded("0.005"), "0.01 INR");
        assert_eq!(rounded("-0.005"), "-0.01 INR");
        assert_eq!(rounded("0.0049"), "0.00 INR");
    }

    #[test]
    fn currencies_do_not_mix() {
        let sum = money("1", "INR").unwrap().plus(&money("1", "USD").unwrap());
        assert_eq!(sum, Err(MoneyError::CurrencyMismatch));
        assert!("XYZ".parse::<Currency>().is_err());
        assert!("inr".parse::<Currency>().is_err());
    }

    #[test]
    fn the_wire_form_is_text() {
        let json = serde_json::to_string(&money("1250.5", "INR").unwrap()).unwrap();
        assert_eq!(json, r#"{"amount":"1250.50","currency":"INR"}"#);
        assert_eq!(
            serde_json::from_str::<Money>(&json).unwrap(),
            money("1250.5", "INR").unwrap()
        );
    }
}
