//! The comparable form of declared fields: beside the data, under `_k`.

use super::{fields::KnownField, json::uuid_to_bson};
use crate::{FieldKind, Key, StoreError, backend::RawDocument};
use bson::{Bson, DateTime, Decimal128, Document};

/// The name of the sub-document that holds the keys of declared fields.
pub(super) const KEYS: &str = "_k";

/// The value that is compared, sorted by and indexed.
pub(super) fn to_bson(key: &Key) -> Result<Bson, StoreError> {
    Ok(match key {
        Key::Null => Bson::Null,
        Key::Text(text) => Bson::String(text.clone()),
        Key::Int(number) => Bson::Int64(*number),
        Key::Bool(truth) => Bson::Boolean(*truth),
        Key::Time(millis) => Bson::DateTime(DateTime::from_millis(*millis)),
        Key::Uuid(id) => uuid_to_bson(*id),
        Key::Decimal(number) => Bson::Decimal128(decimal(&number.normalize().to_string())?),
    })
}

/// The smallest value of a kind that is not null: `$gte` it means "not null", as operators never cross types.
pub(super) fn smallest(kind: FieldKind) -> Result<Bson, StoreError> {
    Ok(match kind {
        FieldKind::Text => Bson::String(String::new()),
        FieldKind::Int => Bson::Int64(i64::MIN),
        FieldKind::Bool => Bson::Boolean(false),
        FieldKind::Time => Bson::DateTime(DateTime::MIN),
        FieldKind::Uuid => uuid_to_bson(uuid::Uuid::nil()),
        FieldKind::Decimal => Bson::Decimal128(decimal("-Infinity")?),
    })
}

/// The name of a kind in `$type`.
pub(super) fn type_name(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "string",
        FieldKind::Int => "long",
        FieldKind::Bool => "bool",
        FieldKind::Time => "date",
        FieldKind::Uuid => "binData",
        FieldKind::Decimal => "decimal",
    }
}

fn decimal(text: &str) -> Result<Decimal128, StoreError> {
    text.parse().map_err(StoreError::internal)
}

/// Where the key of a field stands in a document.
pub(super) fn path(field: &str) -> String {
    match field {
        "id" => "_id".to_owned(),
        "created_at" | "updated_at" => field.to_owned(),
        _ => format!("{KEYS}.{}", name(field)),
    }
}

/// The name of a field's key within `_k`: a dot would reach into a sub-document.
pub(super) fn name(field: &str) -> String {
    field.replace('.', "/")
}

/// The field whose key has this name.
pub(super) fn field_of_name(name: &str) -> String {
    name.replace('/', ".")
}

/// Whether the field's key stands outside `_k`, where it is never null.
pub(super) fn is_envelope(field: &str) -> bool {
    matches!(field, "id" | "created_at" | "updated_at")
}

/// The keys of the known fields of a document.
pub(super) fn of_document(fields: &[KnownField], document: &RawDocument) -> Result<Document, StoreError> {
    let mut keys = Document::new();
    for field in fields {
        keys.insert(name(&field.path), field.key_of(document)?);
    }
    Ok(keys)
}
