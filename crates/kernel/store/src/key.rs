use crate::{StoreError, collection::FieldKind};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The comparable value of a declared field. Null and absent are the same, and come first in ascending order; texts
/// are compared in their folded form ([`kernel::fold`]); 1.5 equals 1.50.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    /// Null or absent.
    Null,
    /// A folded text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// Milliseconds since 1970, UTC.
    Time(i64),
    /// An id.
    Uuid(Uuid),
    /// An exact decimal.
    Decimal(Decimal),
}

impl Key {
    /// Reads the value of a declared field from a document's JSON.
    pub fn from_json(kind: FieldKind, value: Option<&Value>) -> Result<Self, StoreError> {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return Ok(Key::Null);
        };
        let wrong = || StoreError::internal(format!("a declared {kind:?} field holds {value}"));
        match kind {
            FieldKind::Text => value
                .as_str()
                .map(|text| Key::Text(kernel::fold(text)))
                .ok_or_else(wrong),
            FieldKind::Int => value.as_i64().map(Key::Int).ok_or_else(wrong),
            FieldKind::Bool => value.as_bool().map(Key::Bool).ok_or_else(wrong),
            FieldKind::Time => value
                .as_str()
                .and_then(parse_time)
                .map(Key::Time)
                .ok_or_else(wrong),
            FieldKind::Uuid => value
                .as_str()
                .and_then(|text| text.parse().ok())
                .map(Key::Uuid)
                .ok_or_else(wrong),
            FieldKind::Decimal => {
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Number(number) => number.to_string(),
                    _ => return Err(wrong()),
                };
                text.parse().map(Key::Decimal).map_err(|_| wrong())
            }
        }
    }
}

/// Times in documents are RFC 3339 texts; a plain date counts as its first moment in UTC.
fn parse_time(text: &str) -> Option<i64> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.timestamp_millis());
    }
    let date = text.parse::<chrono::NaiveDate>().ok()?;
    Some(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis())
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Key::Text(kernel::fold(text))
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Key::from(text.as_str())
    }
}

impl From<Uuid> for Key {
    fn from(id: Uuid) -> Self {
        Key::Uuid(id)
    }
}

impl From<DateTime<Utc>> for Key {
    fn from(moment: DateTime<Utc>) -> Self {
        Key::Time(moment.timestamp_millis())
    }
}

impl From<chrono::NaiveDate> for Key {
    fn from(date: chrono::NaiveDate) -> Self {
        Key::Time(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis())
    }
}

impl From<i64> for Key {
    fn from(number: i64) -> Self {
        Key::Int(number)
    }
}

impl From<bool> for Key {
    fn from(truth: bool) -> Self {
        Key::Bool(truth)
    }
}

impl From<Decimal> for Key {
    fn from(number: Decimal) -> Self {
        Key::Decimal(number)
    }
}
