//! What several functions read.

use calculator::{CashFlow, Due, Refusal};
use kernel::Amount;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Value, json};

/// `due`: 0 or 1, or false and true.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DueFlag(pub(super) Due);

impl<'de> Deserialize<'de> for DueFlag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = match &value {
            Value::Bool(beginning) => Some(Decimal::from(u8::from(*beginning))),
            other => serde_json::from_value::<Amount>(other.clone())
                .ok()
                .map(|amount| amount.0),
        };
        match number {
            Some(number) if number.is_zero() => Ok(Self(Due::End)),
            Some(number) if number == Decimal::ONE => Ok(Self(Due::Beginning)),
            _ => Err(D::Error::custom(
                "must be 0 (end of the period) or 1 (its beginning)",
            )),
        }
    }
}

/// `[whole_periods, odd_fraction, amount]`.
pub(super) type FlowInput = (Amount, Amount, Amount);

/// One amount at time 0, or a list of flows.
#[derive(Debug, Clone)]
pub(super) enum AdvanceInput {
    One(Amount),
    Many(Vec<FlowInput>),
}

impl<'de> Deserialize<'de> for AdvanceInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value {
            Value::Array(_) => serde_json::from_value(value).map(Self::Many),
            other => serde_json::from_value(other).map(Self::One),
        }
        .map_err(D::Error::custom)
    }
}

impl AdvanceInput {
    pub(super) fn flows(&self) -> Result<Vec<CashFlow>, Refusal> {
        match self {
            AdvanceInput::One(amount) => Ok(vec![CashFlow {
                periods: 0,
                fraction: Decimal::ZERO,
                amount: amount.0,
            }]),
            AdvanceInput::Many(list) => flows("advance", list),
        }
    }
}

/// The flows of a list.
pub(super) fn flows(name: &str, list: &[FlowInput]) -> Result<Vec<CashFlow>, Refusal> {
    let flow = |(index, (periods, fraction, amount)): (usize, &FlowInput)| {
        Ok(CashFlow {
            periods: whole(&format!("{name}[{index}][0]"), *periods)?,
            fraction: fraction.0,
            amount: amount.0,
        })
    };
    list.iter().enumerate().map(flow).collect()
}

/// A whole number that is not negative.
pub(super) fn whole(field: &str, number: Amount) -> Result<u32, Refusal> {
    let whole = number.0.is_integer().then(|| number.0.to_u32()).flatten();
    whole.ok_or_else(|| Refusal::Invalid {
        field: field.to_owned(),
        message: "must be a whole number, not negative".to_owned(),
    })
}

/// `{"value": …}`.
pub(super) fn scalar(value: Decimal) -> Value {
    json!({ "value": Amount(value) })
}
