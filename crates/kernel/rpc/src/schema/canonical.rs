use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Where named schemas stand in the document.
const HERE: &str = "#/schemas/";
/// Where utoipa thinks that they stand.
const IN_OPENAPI: &str = "#/components/schemas/";

/// The same value with the keys of all objects sorted: whether a map of `serde_json` is sorted depends on what else is
/// linked in.
pub(super) fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let by_key: BTreeMap<&String, Value> =
                map.iter().map(|(key, value)| (key, sorted(value))).collect();
            let map: Map<String, Value> = by_key
                .into_iter()
                .map(|(key, value)| (key.clone(), value))
                .collect();
            Value::Object(map)
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// A schema as it stands in the document: sorted, with references that lead within it.
pub(super) fn schema(described: &Value) -> Value {
    let mut schema = sorted(described);
    lead_here(&mut schema);
    schema
}

fn lead_here(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "$ref" => {
                        if let Some(name) = text.strip_prefix(IN_OPENAPI) {
                            *text = reference(name);
                        }
                    }
                    other => lead_here(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(lead_here),
        _ => {}
    }
}

/// The reference to a named schema.
pub(super) fn reference(name: &str) -> String {
    format!("{HERE}{name}")
}

/// The name that a reference leads to.
pub(super) fn referred(reference: &str) -> &str {
    reference.strip_prefix(HERE).unwrap_or(reference)
}

/// The names that are referred to and not described.
pub(super) fn dangling(document: &Value, schemas: &BTreeMap<String, Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(document, &mut found);
    found.retain(|name| !schemas.contains_key(name));
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "$ref" => {
                        found.insert(referred(text).to_owned());
                    }
                    other => collect(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}
