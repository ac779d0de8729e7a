//! A document as MongoDB holds it.
//!
//! The fields of the data stand at the top level beside the envelope, as BSON types wherever those lose nothing:
//! declared ids as UUIDs, declared moments as dates. `_k` holds the keys of declared fields, `_x` the JSON text of
//! fields whose names cannot stand there.

use super::{
    fields::KnownField,
    json::{self, uuid_to_bson},
    keys::{self, KEYS},
};
use crate::{Collection, FieldKind, StoreError, backend::RawDocument};
use bson::{Bson, DateTime, Document};
use chrono::{DateTime as Moment, Utc};
use kernel::TenantId;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Fields whose names would be taken for the envelope's, as the text of a JSON object.
const EXTRA: &str = "_x";

/// What a server accepts is 16 MiB; the rest is left for the envelope of the command.
const LARGEST: usize = 16 * 1024 * 1024 - 16 * 1024;

const ENVELOPE: [&str; 6] = [
    "id",
    "version",
    "tenant_id",
    "created_at",
    "updated_at",
    "deleted_at",
];

/// The BSON form of a document, keys included.
pub(super) fn encode(
    collection: &Collection,
    fields: &[KnownField],
    document: &RawDocument,
) -> Result<Document, StoreError> {
    let id = uuid_to_bson(document.id);
    let mut encoded = Document::new();
    encoded.insert("_id", id.clone());
    encoded.insert("id", id);
    encoded.insert("version", version_to_bson(document.version)?);
    encoded.insert("tenant_id", uuid_to_bson(document.tenant_id.0));
    encoded.insert("created_at", DateTime::from_chrono(document.created_at));
    encoded.insert("updated_at", DateTime::from_chrono(document.updated_at));
    encoded.insert("deleted_at", document.deleted_at.map(DateTime::from_chrono));
    let mut extra = Map::new();
    for (name, value) in &document.body {
        if json::is_plain(name) && !name.starts_with('_') && !ENVELOPE.contains(&name.as_str()) {
            encoded.insert(name.clone(), json::to_bson(value));
        } else {
            extra.insert(name.clone(), value.clone());
        }
    }
    for field in collection.fields().iter().filter(|field| !field.many) {
        make_native(&mut encoded, field.name, field.kind);
    }
    if !extra.is_empty() {
        encoded.insert(EXTRA, Value::Object(extra).to_string());
    }
    encoded.insert(KEYS, keys::of_document(fields, document)?);
    check_size(collection, &encoded)?;
    Ok(encoded)
}

fn check_size(collection: &Collection, encoded: &Document) -> Result<(), StoreError> {
    let size = encoded.to_vec().map_err(StoreError::internal)?.len();
    if size <= LARGEST {
        return Ok(());
    }
    Err(StoreError::internal(format!(
        "a document of {size} bytes for '{}' is larger than the 16 MiB that MongoDB keeps in one document: \
         keep it as a blob",
        collection.name()
    )))
}

/// Turns the text of a declared id or moment into the native type, when that reads back as the same text.
fn make_native(encoded: &mut Document, path: &str, kind: FieldKind) {
    if keys::is_envelope(path) || !matches!(kind, FieldKind::Uuid | FieldKind::Time) {
        return;
    }
    if let Some(value) = value_at(encoded, path)
        && let Some(native) = native_text(value, kind)
    {
        *value = native;
    }
}

fn value_at<'a>(document: &'a mut Document, path: &str) -> Option<&'a mut Bson> {
    match path.split_once('.') {
        None => document.get_mut(path),
        Some((first, rest)) => value_at(document.get_document_mut(first).ok()?, rest),
    }
}

fn native_text(value: &Bson, kind: FieldKind) -> Option<Bson> {
    let text = value.as_str()?;
    match kind {
        FieldKind::Uuid => {
            let id: Uuid = text.parse().ok()?;
            (id.to_string() == text).then(|| uuid_to_bson(id))
        }
        FieldKind::Time => {
            let moment = DateTime::from_chrono(Moment::parse_from_rfc3339(text).ok()?.to_utc());
            (json::time_text(moment.to_chrono()) == text).then_some(Bson::DateTime(moment))
        }
        _ => None,
    }
}

/// The document that [`encode`] stored.
pub(super) fn decode(mut stored: Document) -> Result<RawDocument, StoreError> {
    let mut body = Map::new();
    let id = take_uuid(&mut stored, "_id")?;
    let version = take_version(&mut stored, "version")?;
    let tenant_id = TenantId(take_uuid(&mut stored, "tenant_id")?);
    let created_at = take_time(&mut stored, "created_at")?;
    let updated_at = take_time(&mut stored, "updated_at")?;
    let deleted_at = match stored.remove("deleted_at") {
        None | Some(Bson::Null) => None,
        Some(Bson::DateTime(moment)) => Some(moment.to_chrono()),
        Some(_) => return Err(missing("deleted_at")),
    };
    if let Some(Bson::String(extra)) = stored.remove(EXTRA) {
        body = serde_json::from_str(&extra).map_err(StoreError::internal)?;
    }
    for (name, value) in stored {
        if name != "id" && !name.starts_with('_') {
            body.insert(name, json::from_bson(value)?);
        }
    }
    Ok(RawDocument {
        id,
        version,
        tenant_id,
        created_at,
        updated_at,
        deleted_at,
        body,
    })
}

/// A version or place in the feed as a native number.
pub(super) fn version_to_bson(version: u64) -> Result<Bson, StoreError> {
    i64::try_from(version)
        .map(Bson::Int64)
        .map_err(StoreError::internal)
}

pub(super) fn take_uuid(stored: &mut Document, name: &str) -> Result<Uuid, StoreError> {
    match stored.remove(name) {
        Some(Bson::Binary(binary)) => json::uuid_of(&binary),
        _ => Err(missing(name)),
    }
}

pub(super) fn take_version(stored: &mut Document, name: &str) -> Result<u64, StoreError> {
    match stored.remove(name) {
        Some(Bson::Int64(number)) => u64::try_from(number).map_err(StoreError::internal),
        Some(Bson::Int32(number)) => u64::try_from(number).map_err(StoreError::internal),
        _ => Err(missing(name)),
    }
}

pub(super) fn take_time(stored: &mut Document, name: &str) -> Result<Moment<Utc>, StoreError> {
    match stored.remove(name) {
        Some(Bson::DateTime(moment)) => Ok(moment.to_chrono()),
        _ => Err(missing(name)),
    }
}

pub(super) fn take_text(stored: &mut Document, name: &str) -> Result<String, StoreError> {
    match stored.remove(name) {
        Some(Bson::String(text)) => Ok(text),
        _ => Err(missing(name)),
    }
}

fn missing(name: &str) -> StoreError {
    StoreError::internal(format!("a stored document has no readable '{name}'"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scoping;

    fn collection() -> Collection {
        Collection::new("things", Scoping::Owner)
            .field("at", FieldKind::Time)
            .field("place.since", FieldKind::Time)
            .field("amount", FieldKind::Decimal)
            .many("tags")
    }

    fn document(body: Value) -> RawDocument {
        let Value::Object(body) = body else {
            panic!("an object")
        };
        let moment = Moment::from_timestamp_millis(1_700_000_000_123).unwrap();
        RawDocument {
            id: Uuid::from_u128(7),
            version: 3,
            tenant_id: TenantId::DEFAULT,
            created_at: moment,
            updated_at: moment,
            deleted_at: None,
            body,
        }
    }

    fn stored(document: &RawDocument) -> Document {
        let collection = collection();
        encode(&collection, &KnownField::declared(&collection), document).unwrap()
    }

    #[test]
    fn reserved_and_awkward_names_read_back() {
        let written = document(serde_json::json!({
            "id": "mine", "version": "x", "_id": {"$gt": ""}, "_k": 1, "_x": 2, "$set": {"a": 1}, "a.b": null,
            "created_at": "text", "tenant_id": [], "": true, "user_id": null, "plain": {"_id": 5},
        }));
        assert_eq!(decode(stored(&written)).unwrap(), written);
    }

    #[test]
    fn declared_ids_and_moments_are_native_only_when_nothing_is_lost() {
        let id = "0190a1b2-0000-7000-8000-000000000001";
        let written = document(serde_json::json!({
            "user_id": id, "at": "2024-05-01T10:00:00Z", "place": {"since": "2024-05-01"}, "tags": ["A", "b"],
            "amount": "1.50",
        }));
        let encoded = stored(&written);
        assert!(matches!(encoded.get("user_id"), Some(Bson::Binary(_))));
        assert!(matches!(encoded.get("at"), Some(Bson::DateTime(_))));
        assert_eq!(encoded.get_str("amount").unwrap(), "1.50");
        assert_eq!(decode(encoded).unwrap(), written);
        for text in [
            "2024-05-01T10:00:00.100200Z",
            "2024-05-01T12:00:00+02:00",
            "2024-05-01T10:00:00.0Z",
            "2024-05-01T10:00:00z",
        ] {
            let written = document(serde_json::json!({ "at": text, "user_id": id.to_uppercase() }));
            let encoded = stored(&written);
            assert_eq!(decode(encoded).unwrap(), written, "{text}");
        }
    }
}
