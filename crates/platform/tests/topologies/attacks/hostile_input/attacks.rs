use super::{
    document::{Operation, Place},
    request::{Body, Request},
    schemas::Schemas,
    values,
};
use serde_json::Value;

/// What nobody sets of themselves, wherever a body does not offer it.
const NOT_FOR_SETTING: [(&str, &str); 14] = [
    ("no_such_field", "1"),
    ("id", "\"0190a5c0-0000-7000-8000-000000000000\""),
    ("user_id", "\"0190a5c0-0000-7000-8000-000000000000\""),
    ("advisor_id", "\"0190a5c0-0000-7000-8000-000000000000\""),
    ("tenant_id", "\"0190a5c0-0000-7000-8000-000000000000\""),
    ("role", "\"admin\""),
    ("roles", "[\"admin\"]"),
    ("is_admin", "true"),
    ("permissions", "[\"*\"]"),
    ("email_verified", "true"),
    ("role_version", "0"),
    ("created_at", "\"2026-01-01T00:00:00Z\""),
    ("__proto__", "{\"role\":\"admin\"}"),
    ("$set", "{\"role\":\"admin\"}"),
];

/// One hostile request.
pub(super) struct Attack {
    /// What is hostile about it.
    pub(super) name: String,
    /// The field that an answer 422 has to name; none when it may name any.
    pub(super) field: Option<String>,
    /// Whether the description forbids it. Otherwise it may be taken, but nothing may break.
    pub(super) must_fail: bool,
    pub(super) request: Request,
}

/// Every attack on an operation, each starting from a valid request.
pub(super) fn attacks(schemas: &Schemas, operation: &Operation, valid: &Request) -> Vec<Attack> {
    let mut all = in_address(schemas, operation, valid);
    all.extend(in_headers(schemas, operation, valid));
    if let (Some(schema), Body::Json(body)) = (&operation.json, &valid.body) {
        let mut bodies = Bodies {
            schemas,
            valid,
            attacks: Vec::new(),
        };
        bodies.attack(schema, body, "", &|value| value.unwrap_or_default());
        all.extend(bodies.attacks);
        all.extend(unreadable_bodies(valid));
    }
    all
}

fn in_address(schemas: &Schemas, operation: &Operation, valid: &Request) -> Vec<Attack> {
    let mut all = Vec::new();
    for place in [Place::Path, Place::Query] {
        for parameter in operation.parameters_in(place) {
            for (value, always) in values::for_address() {
                let text = String::from_utf8_lossy(&value).into_owned();
                let request = match place {
                    Place::Path => valid.with_path(&parameter.name, &value),
                    _ => valid.with_query(&parameter.name, &value),
                };
                all.push(Attack {
                    name: format!("{}={}", parameter.name, shortened(&text)),
                    field: Some(parameter.name.clone()),
                    must_fail: always || !schemas.accepts_as_text(&parameter.schema, &text),
                    request,
                });
            }
        }
    }
    for parameter in operation.parameters_in(Place::Query) {
        let mut refused = |name: String, field: &str, request: Request| {
            all.push(Attack {
                name,
                field: Some(field.to_owned()),
                must_fail: true,
                request,
            });
        };
        let operator = format!("{}[$gt]", parameter.name);
        refused(operator.clone(), &operator, valid.with_query(&operator, b""));
        if let Some(example) = schemas.example(&parameter.schema) {
            let text = example.as_str().map_or(example.to_string(), str::to_owned);
            let mut twice = valid.with_query(&parameter.name, text.as_bytes());
            twice.query.push((parameter.name.clone(), text.into_bytes()));
            refused(format!("{} twice", parameter.name), &parameter.name, twice);
        }
        if parameter.required {
            let mut without = valid.clone();
            without.query.retain(|(name, _)| *name != parameter.name);
            refused(format!("without {}", parameter.name), &parameter.name, without);
        }
        refused(
            "an unknown parameter".to_owned(),
            "no_such_parameter",
            valid.with_query("no_such_parameter", b"1"),
        );
    }
    all
}

fn in_headers(schemas: &Schemas, operation: &Operation, valid: &Request) -> Vec<Attack> {
    let mut all = Vec::new();
    for parameter in operation.parameters_in(Place::Header) {
        for value in values::for_header() {
            let text = String::from_utf8_lossy(&value).into_owned();
            all.push(Attack {
                name: format!("{}: {}", parameter.name, shortened(&text)),
                field: Some(parameter.name.clone()),
                // A header is trimmed on its way.
                must_fail: !schemas.accepts_as_text(&parameter.schema, text.trim()),
                request: valid.with_header(&parameter.name, &value),
            });
        }
    }
    all
}

fn unreadable_bodies(valid: &Request) -> Vec<Attack> {
    let raw = |name: &str, kind: &str, bytes: &[u8]| Attack {
        name: name.to_owned(),
        field: None,
        must_fail: true,
        request: valid.with_body(Body::Raw(kind.to_owned(), bytes.to_vec())),
    };
    let json = "application/json";
    vec![
        raw("an empty body", json, b""),
        raw("half a body", json, b"{\"a\":"),
        raw("a body that is no text", json, b"{\"a\":\"\xff\"}"),
        raw("a deep body", json, "[".repeat(100_000).as_bytes()),
        raw(
            "a deep field",
            json,
            format!("{{\"a\":{}", "[".repeat(100_000)).as_bytes(),
        ),
        raw("not a number", json, b"{\"a\":NaN}"),
        raw("a body of another type", "text/plain", b"{}"),
        raw(
            "a body of another charset",
            "application/json; charset=utf-16",
            b"{}",
        ),
    ]
}

struct Bodies<'a> {
    schemas: &'a Schemas,
    valid: &'a Request,
    attacks: Vec<Attack>,
}

impl Bodies<'_> {
    /// Attacks the value at `path`, whose schema this is, and everything below it. `whole` makes the body of a value
    /// for this place; without one the place is left out.
    fn attack(&mut self, schema: &Value, value: &Value, path: &str, whole: &dyn Fn(Option<Value>) -> Value) {
        for hostile in values::for_json() {
            let must_fail = hostile.always || !self.schemas.accepts(schema, &hostile.value);
            let name = format!("{path}={}", shortened(&hostile.value.to_string()));
            self.push(name, path, must_fail, whole(Some(hostile.value)));
        }
        let schemas = self.schemas;
        for form in schemas.forms(schema) {
            if form["properties"].is_object() {
                let fallback = schemas.example(form);
                let object = if schemas.accepts(form, value) {
                    Some(value)
                } else {
                    fallback.as_ref()
                };
                self.attack_object(form, object, path, whole);
            } else if let Some(item) = form.get("items") {
                let example = schemas.example(item).unwrap_or_default();
                self.attack(item, &example, &format!("{path}[0]"), &|value| {
                    whole(Some(Value::Array(value.into_iter().collect())))
                });
            }
        }
    }

    fn attack_object(
        &mut self,
        form: &Value,
        object: Option<&Value>,
        path: &str,
        whole: &dyn Fn(Option<Value>) -> Value,
    ) {
        let Some(object) = object.and_then(Value::as_object) else {
            panic!("{path}: no example can be derived from {form}: add one to its schema");
        };
        let below = |name: &str| {
            if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            }
        };
        let fields = form["properties"].as_object().unwrap();
        let strangers = NOT_FOR_SETTING
            .iter()
            .filter(|(name, _)| !fields.contains_key(*name));
        // Inside of another object the first of them stands for all.
        for (name, value) in strangers.take(if path.is_empty() { usize::MAX } else { 1 }) {
            let mut stranger = object.clone();
            stranger.insert((*name).to_owned(), serde_json::from_str(value).unwrap());
            let place = below(name);
            self.push(place.clone(), &place, true, whole(Some(stranger.into())));
        }
        let in_order = fields
            .keys()
            .map(|name| object.get(name).cloned().unwrap_or_default());
        let in_order = Value::Array(in_order.collect());
        self.push(
            format!("{path} as a list of its fields"),
            path,
            true,
            whole(Some(in_order)),
        );
        let required = form["required"].as_array();
        for (name, schema) in fields {
            let place = below(name);
            let changed = |value: Option<Value>| {
                let mut object = object.clone();
                match value {
                    Some(value) => object.insert(name.clone(), value),
                    None => object.remove(name),
                };
                whole(Some(object.into()))
            };
            if required.is_some_and(|required| required.iter().any(|known| known == name)) {
                self.push(format!("without {place}"), &place, true, changed(None));
            }
            let value = object.get(name).cloned().unwrap_or_default();
            self.attack(schema, &value, &place, &changed);
        }
    }

    fn push(&mut self, name: String, path: &str, must_fail: bool, body: Value) {
        self.attacks.push(Attack {
            name,
            field: (!path.is_empty()).then(|| path.to_owned()),
            must_fail,
            request: self.valid.with_body(Body::Json(body)),
        });
    }
}

fn shortened(text: &str) -> String {
    let begin: String = text.chars().take(50).collect();
    begin.escape_debug().to_string()
}
