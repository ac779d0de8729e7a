//! JSON as BSON and back, without losing a digit or a name.
//!
//! What BSON holds exactly is stored natively. The rest (a number beyond 64 bits and 34 digits, an object with a name
//! that begins with `$` or contains a dot, nesting deeper than a server accepts) is stored as `{"_json": "<its text>"}`,
//! so that no value can ever be read as an operator.

use crate::StoreError;
use bson::{Binary, Bson, Decimal128, Document, spec::BinarySubtype};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Number, Value};

/// The name under which the JSON text of a value stands that BSON cannot hold.
pub(super) const TEXT: &str = "_json";

/// A server refuses documents that are nested more than 100 deep; some levels are ours.
const DEEPEST: usize = 80;

/// Whether a name may stand in a BSON document as it is.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('$') && !name.contains(['.', '\0']) && name != TEXT
}

/// The BSON form of a JSON value.
pub(super) fn to_bson(value: &Value) -> Bson {
    if fits(value, DEEPEST) {
        native(value)
    } else {
        as_text(value)
    }
}

fn fits(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| fits(item, levels - 1)),
        Value::Object(fields) => levels > 0 && fields.values().all(|field| fits(field, levels - 1)),
        _ => true,
    }
}

fn native(value: &Value) -> Bson {
    match value {
        Value::Null => Bson::Null,
        Value::Bool(truth) => Bson::Boolean(*truth),
        Value::String(text) => Bson::String(text.clone()),
        Value::Number(number) => number_to_bson(number).unwrap_or_else(|| as_text(value)),
        Value::Array(items) => Bson::Array(items.iter().map(native).collect()),
        Value::Object(fields) if fields.keys().all(|name| is_plain(name)) => Bson::Document(
            fields
                .iter()
                .map(|(name, field)| (name.clone(), native(field)))
                .collect(),
        ),
        Value::Object(_) => as_text(value),
    }
}

fn as_text(value: &Value) -> Bson {
    let mut wrapped = Document::new();
    wrapped.insert(TEXT, value.to_string());
    Bson::Document(wrapped)
}

/// The native number that reads back with the very same digits, if there is one.
fn number_to_bson(number: &Number) -> Option<Bson> {
    let text = number.to_string();
    if let Ok(whole) = text.parse::<i64>() {
        return (whole.to_string() == text).then_some(Bson::Int64(whole));
    }
    let decimal: Decimal128 = text.parse().ok()?;
    (decimal.to_string() == text).then_some(Bson::Decimal128(decimal))
}

/// The JSON value that [`to_bson`] stored. Foreign documents may also hold doubles and dates.
pub(super) fn from_bson(value: Bson) -> Result<Value, StoreError> {
    match value {
        Bson::Null => Ok(Value::Null),
        Bson::Boolean(truth) => Ok(Value::Bool(truth)),
        Bson::String(text) => Ok(Value::String(text)),
        Bson::Int32(whole) => Ok(Value::Number(whole.into())),
        Bson::Int64(whole) => Ok(Value::Number(whole.into())),
        Bson::Double(number) => Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| StoreError::internal("a stored number is not finite")),
        Bson::Decimal128(number) => number
            .to_string()
            .parse()
            .map(Value::Number)
            .map_err(StoreError::internal),
        Bson::DateTime(moment) => Ok(Value::String(time_text(moment.to_chrono()))),
        Bson::Binary(bytes) => uuid_of(&bytes).map(|id| Value::String(id.to_string())),
        Bson::Array(items) => items
            .into_iter()
            .map(from_bson)
            .collect::<Result<_, _>>()
            .map(Value::Array),
        Bson::Document(fields) => object_from_bson(fields),
        other => Err(StoreError::internal(format!(
            "a document holds a {:?}, which this program never writes",
            other.element_type()
        ))),
    }
}

fn object_from_bson(fields: Document) -> Result<Value, StoreError> {
    if let Some(Bson::String(text)) = fields.get(TEXT) {
        return serde_json::from_str(text).map_err(StoreError::internal);
    }
    let object: Map<String, Value> = fields
        .into_iter()
        .map(|(name, field)| Ok((name, from_bson(field)?)))
        .collect::<Result<_, StoreError>>()?;
    Ok(Value::Object(object))
}

/// The text of a moment as serde writes it: the only form that may be stored as a native date.
pub(super) fn time_text(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A native id.
pub(super) fn uuid_to_bson(id: uuid::Uuid) -> Bson {
    Bson::Binary(Binary {
        subtype: BinarySubtype::Uuid,
        bytes: id.as_bytes().to_vec(),
    })
}

/// The id that a binary value is.
pub(super) fn uuid_of(binary: &Binary) -> Result<uuid::Uuid, StoreError> {
    if binary.subtype != BinarySubtype::Uuid {
        return Err(StoreError::internal("a stored binary value is not an id"));
    }
    uuid::Uuid::from_slice(&binary.bytes).map_err(StoreError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_back(value: &Value) -> Value {
        from_bson(to_bson(value)).unwrap()
    }

    #[test]
    fn numbers_keep_every_digit() {
        for text in [
            "0",
            "-0",
            "-1",
            "1.50",
            "12345678901234567.89",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775809",
            "1e400",
            "1E3",
            "0.0000001",
            "123456789012345678901234567890123456789012345678901234567890",
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(read_back(&value), value, "{text}");
        }
    }

    #[test]
    fn names_and_values_are_never_operators() {
        let value: Value = serde_json::from_str(
            r#"{"a": {"$gt": ""}, "b": [{"x.y": null}, {"": 1}], "_json": "no", "c": {"_json": {"d": 1}}, "n\u0000": 1}"#,
        )
        .unwrap();
        assert_eq!(read_back(&value), value);
        assert!(!format!("{:?}", to_bson(&value)).contains("\"$gt\":"));
    }

    #[test]
    fn nesting_deeper_than_a_server_accepts_is_kept() {
        let mut value = Value::from(1);
        for _ in 0..110 {
            value = serde_json::json!({ "deeper": value });
        }
        assert_eq!(read_back(&value), value);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?"
                .prop_map(|text| serde_json::from_str(&text).unwrap()),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[$._a-z]{0,3}|_json", inner, 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_written_reads_back_the_same(value in any_json()) {
            prop_assert_eq!(read_back(&value), value);
        }
    }
}
