use crate::{FieldKind, Key};
use rusqlite::types::Value;
use rust_decimal::Decimal;
use uuid::Uuid;

/// What every table has beside its declared fields.
const META: [&str; 7] = [
    "id",
    "version",
    "tenant_id",
    "created_at",
    "updated_at",
    "deleted_at",
    "body",
];

/// The column of a declared field or of `id`. A field of a document that is called like a column which every table
/// has gets a name of its own.
pub(super) fn column_of(field: &str) -> String {
    match field {
        "id" | "created_at" | "updated_at" => field.to_owned(),
        taken if META.contains(&taken) => format!("body.{taken}"),
        free => free.to_owned(),
    }
}

/// A name as SQL text.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// An id as a column holds it.
pub(super) fn id_value(id: Uuid) -> Value {
    Value::Blob(id.as_bytes().to_vec())
}

/// A key as a column holds it: columns compare and sort as keys do.
pub(super) fn key_value(key: &Key) -> Value {
    match key {
        Key::Null => Value::Null,
        Key::Text(text) => Value::Text(text.clone()),
        Key::Int(number) | Key::Time(number) => Value::Integer(*number),
        Key::Bool(truth) => Value::Integer(i64::from(*truth)),
        Key::Uuid(id) => id_value(*id),
        Key::Decimal(number) => Value::Text(ordered(*number)),
    }
}

/// What no key of the kind sorts before, null excepted.
pub(super) fn least(kind: FieldKind) -> Value {
    match kind {
        FieldKind::Text | FieldKind::Decimal => Value::Text(String::new()),
        FieldKind::Uuid => Value::Blob(Vec::new()),
        FieldKind::Int | FieldKind::Bool | FieldKind::Time => Value::Integer(i64::MIN),
    }
}

/// The SQL type of a column.
pub(super) fn sql_type(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text | FieldKind::Decimal => "TEXT",
        FieldKind::Uuid => "BLOB",
        FieldKind::Int | FieldKind::Bool | FieldKind::Time => "INTEGER",
    }
}

/// The name of a kind in the file.
pub(super) fn kind_name(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Int => "int",
        FieldKind::Bool => "bool",
        FieldKind::Time => "time",
        FieldKind::Uuid => "uuid",
        FieldKind::Decimal => "decimal",
    }
}

/// The kind of a name in the file.
pub(super) fn kind_of_name(name: &str) -> Option<FieldKind> {
    [
        FieldKind::Text,
        FieldKind::Int,
        FieldKind::Bool,
        FieldKind::Time,
        FieldKind::Uuid,
        FieldKind::Decimal,
    ]
    .into_iter()
    .find(|kind| kind_name(*kind) == name)
}

/// The least text that sorts after every text with this beginning; none when there is no such text.
pub(super) fn after_prefix(prefix: &str) -> Option<String> {
    let mut letters: Vec<char> = prefix.chars().collect();
    while let Some(last) = letters.pop() {
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            other => char::from_u32(u32::from(other) + 1),
        };
        if let Some(next) = next {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

/// A decimal as a text that sorts as the number does; 1.5 and 1.50 give the same text.
///
/// The number is `0.d1d2… × 10^e`: a sign (`1` negative, `2` zero, `3` positive), the exponent plus 50 in two digits,
/// the digits without trailing zeros. Of a negative number exponent and digits are complemented, and `~`, which sorts
/// after every digit, ends them.
fn ordered(number: Decimal) -> String {
    let number = number.normalize();
    if number.is_zero() {
        return "2".to_owned();
    }
    let written = number.mantissa().unsigned_abs().to_string();
    let exponent = written.len() + 50 - number.scale() as usize;
    let digits = written.trim_end_matches('0');
    if number.is_sign_negative() {
        let complement: String = format!("{exponent:02}{digits}")
            .bytes()
            .map(|digit| char::from(b'0' + (b'9' - digit)))
            .collect();
        format!("1{complement}~")
    } else {
        format!("3{exponent:02}{digits}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn equal_decimals_of_different_scale_have_one_key() {
        assert_eq!(ordered(decimal("1.5")), ordered(decimal("1.50")));
        assert_eq!(ordered(decimal("0")), ordered(decimal("-0.000")));
        assert_eq!(ordered(decimal("100")), ordered(decimal("100.0")));
    }

    #[test]
    fn decimals_sort_as_numbers() {
        let numbers = [
            "-79228162514264337593543950335",
            "-1000",
            "-10.5",
            "-10",
            "-1.55",
            "-1.5",
            "-0.0000000000000000000000000001",
            "0",
            "0.0000000000000000000000000001",
            "0.09",
            "0.9",
            "1",
            "1.05",
            "1.5",
            "1.55",
            "9.99",
            "10",
            "79228162514264337593543950335",
        ];
        let keys: Vec<String> = numbers.iter().map(|text| ordered(decimal(text))).collect();
        let mut sorted = keys.clone();
        sorted.sort();
        assert_eq!(keys, sorted);
    }

    proptest! {
        #[test]
        fn any_two_decimals_compare_as_their_keys(
            left in any::<i64>(), left_scale in 0_u32..28, right in any::<i64>(), right_scale in 0_u32..28,
        ) {
            let (left, right) = (Decimal::new(left, left_scale), Decimal::new(right, right_scale));
            prop_assert_eq!(left.cmp(&right), ordered(left).cmp(&ordered(right)));
        }

        #[test]
        fn every_text_with_a_prefix_lies_before_its_end(prefix in ".{1,4}", rest in ".{0,4}") {
            let text = format!("{prefix}{rest}");
            if let Some(end) = after_prefix(&prefix) {
                prop_assert!(text.as_bytes() >= prefix.as_bytes() && text.as_bytes() < end.as_bytes());
            }
        }
    }
}
