use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt, str::FromStr};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Object, ObjectBuilder, OneOfBuilder, RefOr, Type, schema::Schema},
};

/// A decimal number in a public field: read from a JSON number or a string, written as a JSON number, exact to the
/// last digit. More than 28 digits are refused, never rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(pub Decimal);

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a number at all.
    #[error("must be a decimal number such as 1250.50")]
    NotANumber,
    /// More digits than can be kept exactly.
    #[error("has more than 28 digits: it cannot be kept exactly")]
    TooLong,
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (
                mantissa,
                exponent.parse::<i32>().map_err(|_| AmountError::NotANumber)?,
            ),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return Err(AmountError::NotANumber);
        }
        if exponent.unsigned_abs() > 28 || significant(whole, fraction) > 28 {
            return Err(AmountError::TooLong);
        }
        let value = if exponent == 0 {
            Decimal::from_str_exact(mantissa)
        } else {
            Decimal::from_str_exact(&shift(mantissa, exponent))
        };
        value.map(Self).map_err(|_| AmountError::TooLong)
    }
}

fn significant(whole: &str, fraction: &str) -> usize {
    let joined = format!(
        "{}{}",
        whole.trim_start_matches('0'),
        fraction.trim_end_matches('0')
    );
    joined.trim_start_matches('0').len()
}

/// Writes `mantissa × 10^exponent` without an exponent.
fn shift(mantissa: &str, exponent: i32) -> String {
    let (sign, unsigned) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let steps = exponent.unsigned_abs() as usize;
    if exponent >= 0 {
        let padded = format!("{fraction:0<steps$}");
        let (moved, rest) = padded.split_at(steps);
        format!(
            "{sign}{whole}{moved}.{}",
            if rest.is_empty() { "0" } else { rest }
        )
    } else {
        let padded = format!("{whole:0>width$}", width = steps + 1);
        let (rest, moved) = padded.split_at(padded.len() - steps);
        format!("{sign}{rest}.{moved}{fraction}")
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number: serde_json::Number = self.0.to_string().parse().map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Number(number) => number.to_string(),
            serde_json::Value::String(text) => text,
            _ => return Err(serde::de::Error::custom(AmountError::NotANumber)),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        let number: Object = ObjectBuilder::new().schema_type(Type::Number).into();
        let text: Object = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^-?[0-9]{1,28}(\.[0-9]{1,28})?([eE][-+]?[0-9]{1,2})?$"))
            .into();
        OneOfBuilder::new()
            .item(number)
            .item(text)
            .description(Some(
                "An exact decimal number; a string is accepted as well. At most 28 digits.",
            ))
            .into()
    }
}

impl ToSchema for Amount {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Amount")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Amount, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn digits_are_kept_exactly_in_both_forms() {
        for json in [
            "12345678901234567.89",
            "\"12345678901234567.89\"",
            "-0.01",
            "1e3",
            "1.5E-3",
        ] {
            let amount = read(json).unwrap();
            assert_eq!(
                read(&serde_json::to_string(&amount).unwrap()).unwrap(),
                amount,
                "{json}"
            );
        }
        assert_eq!(
            serde_json::to_string(&read("12345678901234567.89").unwrap()).unwrap(),
            "12345678901234567.89"
        );
        assert_eq!(read("1.25e3").unwrap().0, Decimal::from(1250));
        assert_eq!(read("125e-3").unwrap().0.to_string(), "0.125");
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        let forty = "1".repeat(40);
        for json in [
            forty.as_str(),
            "\"NaN\"",
            "\"\"",
            "\"1,000\"",
            "null",
            "true",
            "{}",
            "\"1.\"",
            "1e99",
            "\"+1\"",
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
