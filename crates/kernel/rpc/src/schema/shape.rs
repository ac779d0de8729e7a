use super::canonical::referred;
use serde_json::{Map, Value};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// What says something about a value to people only.
const ANNOTATIONS: [&str; 10] = [
    "$comment",
    "default",
    "deprecated",
    "description",
    "example",
    "examples",
    "readOnly",
    "summary",
    "title",
    "writeOnly",
];

/// The kinds of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    pub(super) fn of_name(name: &str) -> Self {
        match name {
            "null" => Kind::Null,
            "boolean" => Kind::Boolean,
            "integer" => Kind::Integer,
            "number" => Kind::Number,
            "string" => Kind::String,
            "array" => Kind::Array,
            "object" => Kind::Object,
            _ => Kind::Any,
        }
    }

    pub(super) fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Boolean,
            Value::Number(number) if number.is_i64() || number.is_u64() => Kind::Integer,
            Value::Number(_) => Kind::Number,
            Value::String(_) => Kind::String,
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        }
    }

    /// What a sentence calls it.
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Kind::Any => "anything",
            Kind::Null => "null",
            Kind::Boolean => "a boolean",
            Kind::Integer => "an integer",
            Kind::Number => "a number",
            Kind::String => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
        }
    }

    /// Whether a value of the other kind is one of this kind too.
    pub(super) fn takes(self, other: Kind) -> bool {
        self == other || self == Kind::Any || (self == Kind::Number && other == Kind::Integer)
    }

    /// The kind that is both.
    fn and(self, other: Kind) -> Option<Kind> {
        if self.takes(other) {
            Some(other)
        } else if other.takes(self) {
            Some(self)
        } else {
            None
        }
    }
}

/// One way in which a value may look: one kind, and the keywords that apply to it. What its parts look like is not
/// unfolded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    kind: Kind,
    keywords: Map<String, Value>,
}

impl Shape {
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn get(&self, keyword: &str) -> Option<&Value> {
        self.keywords.get(keyword)
    }

    pub(super) fn text(&self, keyword: &str) -> Option<&str> {
        self.get(keyword)?.as_str()
    }

    pub(super) fn count(&self, keyword: &str) -> Option<u64> {
        self.get(keyword)?.as_u64()
    }

    /// The values that it may have, if they are listed.
    pub(super) fn values(&self) -> Option<&[Value]> {
        self.get("enum")?.as_array().map(Vec::as_slice)
    }

    pub(super) fn property(&self, name: &str) -> Option<&Value> {
        self.get("properties")?.get(name)
    }

    pub(super) fn properties(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
    }

    pub(super) fn requires(&self, name: &str) -> bool {
        self.get("required")
            .and_then(Value::as_array)
            .is_some_and(|names| names.iter().any(|one| one == name))
    }

    /// The schema of the members that have no property of their own; none where anything goes.
    pub(super) fn others(&self) -> Option<&Value> {
        self.get("additionalProperties")
            .filter(|others| **others != Value::Bool(true))
    }
}

/// All the ways in which a value of a schema may look: references followed, `oneOf`, `anyOf` and lists of types taken
/// apart, `allOf` put together.
pub(super) fn alternatives(schema: &Value, schemas: &BTreeMap<String, Value>) -> Vec<Shape> {
    unfold(schema, schemas, &BTreeSet::new())
}

fn anything() -> Shape {
    Shape {
        kind: Kind::Any,
        keywords: Map::new(),
    }
}

fn unfold(schema: &Value, schemas: &BTreeMap<String, Value>, within: &BTreeSet<&str>) -> Vec<Shape> {
    let map = match schema {
        Value::Object(map) => map,
        Value::Bool(false) => return Vec::new(),
        _ => return vec![anything()],
    };
    let mut shapes = own(map);
    if let Some(name) = map.get("$ref").and_then(Value::as_str).map(referred)
        && let Some((name, target)) = schemas.get_key_value(name)
        && !within.contains(name.as_str())
    {
        let mut within = within.clone();
        within.insert(name);
        shapes = both(&shapes, &unfold(target, schemas, &within));
    }
    for part in list(map, "allOf") {
        shapes = both(&shapes, &unfold(part, schemas, within));
    }
    for keyword in ["oneOf", "anyOf"] {
        if map.contains_key(keyword) {
            let choices: Vec<Shape> = list(map, keyword)
                .iter()
                .flat_map(|choice| unfold(choice, schemas, within))
                .collect();
            shapes = both(&shapes, &choices);
        }
    }
    shapes
}

fn list<'a>(map: &'a Map<String, Value>, keyword: &str) -> &'a [Value] {
    map.get(keyword)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The shapes that a schema's own keywords allow: one for each kind.
fn own(map: &Map<String, Value>) -> Vec<Shape> {
    let mut keywords: Map<String, Value> = map
        .iter()
        .filter(|(key, _)| {
            !ANNOTATIONS.contains(&key.as_str())
                && !["$ref", "allOf", "oneOf", "anyOf", "type", "const"].contains(&key.as_str())
        })
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if let Some(value) = map.get("const") {
        keywords.insert("enum".to_owned(), Value::Array(vec![value.clone()]));
    }
    kinds(map, &keywords)
        .into_iter()
        .filter_map(|kind| of_kind(kind, &keywords))
        .collect()
}

fn kinds(map: &Map<String, Value>, keywords: &Map<String, Value>) -> Vec<Kind> {
    match map.get("type") {
        Some(Value::String(name)) => return vec![Kind::of_name(name)],
        Some(Value::Array(names)) => {
            return names
                .iter()
                .filter_map(Value::as_str)
                .map(Kind::of_name)
                .collect();
        }
        _ => {}
    }
    if let Some(values) = keywords.get("enum").and_then(Value::as_array) {
        let mut kinds: Vec<Kind> = Vec::new();
        for kind in values.iter().map(Kind::of_value) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        return kinds;
    }
    let object = ["properties", "required", "additionalProperties", "propertyNames"];
    if object.iter().any(|key| keywords.contains_key(*key)) {
        vec![Kind::Object]
    } else if keywords.contains_key("items") || keywords.contains_key("prefixItems") {
        vec![Kind::Array]
    } else {
        vec![Kind::Any]
    }
}

/// The keywords that say something about this kind; none if no listed value is of it.
fn of_kind(kind: Kind, keywords: &Map<String, Value>) -> Option<Shape> {
    let mut keywords = keywords.clone();
    if kind == Kind::Null {
        keywords.clear();
    }
    if let Some(Value::Array(values)) = keywords.get_mut("enum") {
        values.retain(|value| kind.takes(Kind::of_value(value)));
        if values.is_empty() {
            return None;
        }
    }
    Some(Shape { kind, keywords })
}

/// What is of a shape of the one and of a shape of the other.
fn both(ones: &[Shape], others: &[Shape]) -> Vec<Shape> {
    ones.iter()
        .flat_map(|one| others.iter().filter_map(|other| joined(one, other)))
        .collect()
}

fn joined(one: &Shape, other: &Shape) -> Option<Shape> {
    let kind = one.kind.and(other.kind)?;
    let mut keywords = one.keywords.clone();
    for (key, value) in &other.keywords {
        let joined = match keywords.get(key) {
            Some(mine) => join(key, mine, value),
            None => Cow::Borrowed(value),
        };
        keywords.insert(key.clone(), joined.into_owned());
    }
    of_kind(kind, &keywords)
}

/// One keyword that stands on both sides.
fn join<'a>(keyword: &str, one: &'a Value, other: &'a Value) -> Cow<'a, Value> {
    if one == other {
        return Cow::Borrowed(one);
    }
    match (keyword, one, other) {
        ("properties", Value::Object(one), Value::Object(other)) => {
            Cow::Owned(Value::Object(join_properties(one, other)))
        }
        ("required", Value::Array(one), Value::Array(other)) => {
            let missing = other.iter().filter(|name| !one.contains(name));
            Cow::Owned(Value::Array(one.iter().chain(missing).cloned().collect()))
        }
        ("enum", Value::Array(one), Value::Array(other)) => Cow::Owned(Value::Array(
            one.iter()
                .filter(|value| other.contains(value))
                .cloned()
                .collect(),
        )),
        ("minimum" | "minLength" | "minItems" | "exclusiveMinimum" | "minProperties", _, _) => {
            Cow::Borrowed(if one.as_f64() >= other.as_f64() {
                one
            } else {
                other
            })
        }
        ("maximum" | "maxLength" | "maxItems" | "exclusiveMaximum" | "maxProperties", _, _) => {
            Cow::Borrowed(if one.as_f64() <= other.as_f64() {
                one
            } else {
                other
            })
        }
        ("items" | "additionalProperties", Value::Object(_), Value::Object(_)) => {
            Cow::Owned(all_of(one, other))
        }
        // What says nothing gives way to what says something.
        ("items" | "additionalProperties", Value::Bool(true), _) => Cow::Borrowed(other),
        ("items" | "additionalProperties", _, Value::Bool(false)) => Cow::Borrowed(other),
        _ => Cow::Borrowed(one),
    }
}

fn join_properties(one: &Map<String, Value>, other: &Map<String, Value>) -> Map<String, Value> {
    let mut joined = one.clone();
    for (name, schema) in other {
        let schema = match one.get(name) {
            Some(mine) if mine != schema => all_of(mine, schema),
            _ => schema.clone(),
        };
        joined.insert(name.clone(), schema);
    }
    joined
}

fn all_of(one: &Value, other: &Value) -> Value {
    serde_json::json!({"allOf": [one, other]})
}
