use super::{
    ContractSchema, canonical,
    shape::{Kind, alternatives},
};
use serde_json::{Value, json};
use std::{
    any::{TypeId, type_name},
    collections::BTreeMap,
};
use utoipa::{ToSchema, openapi};

/// A client that can say what its contract is. Made from the trait by [`macro@crate::service`].
pub trait Described {
    /// The name as it was written in the trait: of a shared contract, without the group.
    const NAME: &'static str;
    /// Whether every group offers it.
    const SHARED: bool;

    /// The contract; the types that it shares with others go to `schemas`.
    fn describe(schemas: &mut Schemas) -> ContractSchema;
}

/// The types that stand in contracts, by name.
#[derive(Debug, Default)]
pub struct Schemas {
    named: BTreeMap<String, Value>,
    clashes: Vec<String>,
}

impl Schemas {
    /// The schema of a type: a reference if it is a type of its own with parts, itself otherwise.
    pub fn of<T: ToSchema + 'static>(&mut self) -> Value {
        if TypeId::of::<T>() == TypeId::of::<()>() {
            return json!({"type": "null"});
        }
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        for (name, part) in parts {
            self.insert(name, document(&part));
        }
        let schema = document(&T::schema());
        if !has_parts(&schema) || type_name::<T>().contains('<') {
            return schema;
        }
        let name = T::name().into_owned();
        let reference = json!({"$ref": canonical::reference(&name)});
        self.insert(name, schema);
        reference
    }

    /// Whether a value of this schema may be null.
    pub(super) fn allows_null(&self, schema: &Value) -> bool {
        alternatives(schema, &self.named)
            .iter()
            .any(|shape| shape.kind() == Kind::Null)
    }

    pub(super) fn into_parts(self) -> (BTreeMap<String, Value>, Vec<String>) {
        (self.named, self.clashes)
    }

    fn insert(&mut self, name: String, schema: Value) {
        match self.named.get(&name) {
            Some(known) if *known != schema => self.clashes.push(clash(&name)),
            Some(_) => {}
            None => {
                self.named.insert(name, schema);
            }
        }
    }
}

pub(super) fn clash(name: &str) -> String {
    format!(
        "two types are called '{name}' and look different: rename one, or say #[schema(as = OtherName)] above it"
    )
}

fn has_parts(schema: &Value) -> bool {
    ["properties", "oneOf", "anyOf", "allOf", "enum"]
        .iter()
        .any(|keyword| schema.get(keyword).is_some())
}

// A schema holds texts, numbers and maps with texts as keys: turning it into JSON cannot fail.
fn document(schema: &openapi::RefOr<openapi::Schema>) -> Value {
    canonical::schema(&serde_json::to_value(schema).unwrap_or_default())
}
