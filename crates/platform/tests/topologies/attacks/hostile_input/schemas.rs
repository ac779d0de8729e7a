use chrono::{DateTime, NaiveDate};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The named schemas of the description: what values they accept, and an example of each.
pub(super) struct Schemas(pub(super) Value);

impl Schemas {
    /// The schema itself instead of its name.
    pub(super) fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(name) => {
                let name = name.rsplit('/').next().unwrap();
                assert!(self.0.get(name).is_some(), "the schema '{name}' is not there");
                self.resolved(&self.0[name])
            }
            None => schema,
        }
    }

    /// The forms that a value may have, null aside.
    pub(super) fn forms<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolved(schema);
        let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        match choices {
            Some(choices) => choices.iter().flat_map(|choice| self.forms(choice)).collect(),
            None if schema["type"] == "null" => Vec::new(),
            None => vec![schema],
        }
    }

    /// Whether the description allows this value.
    pub(super) fn accepts(&self, schema: &Value, value: &Value) -> bool {
        let schema = self.resolved(schema);
        let all = |name: &str| schema[name].as_array();
        let chosen = |choices: &Vec<Value>| choices.iter().any(|choice| self.accepts(choice, value));
        all("oneOf").is_none_or(chosen)
            && all("anyOf").is_none_or(chosen)
            && all("allOf").is_none_or(|parts| parts.iter().all(|part| self.accepts(part, value)))
            && all("enum").is_none_or(|values| values.contains(value))
            && schema.get("const").is_none_or(|only| only == value)
            && is_of_type(schema, value)
            && match value {
                Value::String(text) => accepts_text(schema, text),
                Value::Number(number) => accepts_number(schema, &number.to_string()),
                Value::Array(items) => {
                    within(schema, "minItems", "maxItems", items.len())
                        && schema
                            .get("items")
                            .is_none_or(|item| items.iter().all(|value| self.accepts(item, value)))
                }
                Value::Object(fields) => self.accepts_object(schema, fields),
                _ => true,
            }
    }

    /// Whether the description allows this text in a query, a path or a header.
    pub(super) fn accepts_as_text(&self, schema: &Value, text: &str) -> bool {
        let number = serde_json::from_str::<Value>(text).ok().filter(Value::is_number);
        let truth = text.parse::<bool>().ok().map(Value::from);
        [Some(Value::from(text)), number, truth]
            .iter()
            .flatten()
            .any(|value| self.accepts(schema, value))
    }

    fn accepts_object(&self, schema: &Value, fields: &Map<String, Value>) -> bool {
        let Some(known) = schema["properties"].as_object() else {
            return true;
        };
        let required = schema["required"].as_array();
        let complete = required
            .into_iter()
            .flatten()
            .all(|name| fields.contains_key(name.as_str().unwrap()));
        complete
            && fields
                .iter()
                .all(|(name, value)| known.get(name).is_some_and(|field| self.accepts(field, value)))
    }

    /// A value that the description allows: of objects, what is required.
    pub(super) fn example(&self, schema: &Value) -> Option<Value> {
        let found = self
            .forms(schema)
            .into_iter()
            .find_map(|form| self.example_of(form))?;
        self.accepts(schema, &found).then_some(found)
    }

    fn example_of(&self, form: &Value) -> Option<Value> {
        if let Some(given) = form["examples"].get(0).or(form.get("example")) {
            return Some(given.clone());
        }
        if let Some(first) = form["enum"].get(0) {
            return Some(first.clone());
        }
        if form["properties"].is_object() {
            let required = form["required"].as_array().into_iter().flatten();
            let fields = required.map(|name| {
                let name = name.as_str().unwrap();
                Some((name.to_owned(), self.example(&form["properties"][name])?))
            });
            return fields.collect::<Option<Map<_, _>>>().map(Value::Object);
        }
        let is = |kind: &str| types(form).any(|known| known == kind);
        if is("string") {
            let long = "a".repeat(usize::try_from(form["minLength"].as_u64().unwrap_or(1).max(1)).unwrap());
            return Some(match form["format"].as_str() {
                Some("uuid") => json!("0190a5c0-0000-7000-8000-00000000abcd"),
                Some("date") => json!("2026-01-15"),
                Some("date-time") => json!("2026-01-15T06:30:00Z"),
                Some("email") => json!("somebody@example.com"),
                _ => json!(long),
            });
        }
        if is("integer") || is("number") {
            return Some(form.get("minimum").cloned().unwrap_or(json!(1)));
        }
        if is("boolean") {
            return Some(json!(true));
        }
        if is("array") {
            let count = form["minItems"].as_u64().unwrap_or(1).max(1);
            let items = (0..count).map(|_| self.example(&form["items"]));
            return items.collect::<Option<Vec<_>>>().map(Value::Array);
        }
        is("object").then(|| json!({}))
    }
}

fn types(schema: &Value) -> impl Iterator<Item = &str> {
    let several = schema["type"].as_array().into_iter().flatten();
    schema["type"]
        .as_str()
        .into_iter()
        .chain(several.filter_map(Value::as_str))
}

fn is_of_type(schema: &Value, value: &Value) -> bool {
    let fits = |kind| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => {
            value.is_number()
                && value
                    .to_string()
                    .trim_start_matches('-')
                    .bytes()
                    .all(|b| b.is_ascii_digit())
        }
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type '{other}' is not known"),
    };
    types(schema).next().is_none() || types(schema).any(fits)
}

fn accepts_text(schema: &Value, text: &str) -> bool {
    let well_formed = match schema["format"].as_str() {
        Some("uuid") => text.len() == 36 && Uuid::try_parse(text).is_ok(),
        Some("date") => text.len() == 10 && text.parse::<NaiveDate>().is_ok(),
        Some("date-time") => DateTime::parse_from_rfc3339(text).is_ok(),
        Some("email") => text.split_once('@').is_some_and(|(name, place)| {
            !name.is_empty() && place.contains('.') && !text.contains(char::is_whitespace)
        }),
        _ => true,
    };
    let matches = |pattern: &str| regex::Regex::new(pattern).unwrap().is_match(text);
    well_formed
        && within(schema, "minLength", "maxLength", text.chars().count())
        && schema["pattern"].as_str().is_none_or(matches)
}

fn accepts_number(schema: &Value, text: &str) -> bool {
    let bounds = match schema["format"].as_str() {
        Some("int32") => Some((i128::from(i32::MIN), i128::from(i32::MAX))),
        Some("int64") => Some((i128::from(i64::MIN), i128::from(i64::MAX))),
        _ => None,
    };
    let number: f64 = text.parse().unwrap();
    let bound = |name: &str| schema[name].as_f64();
    bounds.is_none_or(|(least, most)| {
        text.parse::<i128>()
            .is_ok_and(|number| (least..=most).contains(&number))
    }) && bound("minimum").is_none_or(|least| number >= least)
        && bound("maximum").is_none_or(|most| number <= most)
        && bound("exclusiveMinimum").is_none_or(|least| number > least)
        && bound("exclusiveMaximum").is_none_or(|most| number < most)
}

fn within(schema: &Value, least: &str, most: &str, length: usize) -> bool {
    let length = length as u64;
    schema[least].as_u64().is_none_or(|least| length >= least)
        && schema[most].as_u64().is_none_or(|most| length <= most)
}
