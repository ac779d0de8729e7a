use super::{breaks, reads};
use rpc::schema::Schemas;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A type with all types that it refers to written into it.
fn schema<T: ToSchema + 'static>() -> Value {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let mut schema = serde_json::to_value(T::schema()).unwrap();
    for _ in 0..parts.len() {
        for (name, part) in &parts {
            inline(&mut schema, name, &serde_json::to_value(part).unwrap());
        }
    }
    schema
}

fn inline(value: &mut Value, name: &str, part: &Value) {
    if value["$ref"] == format!("#/components/schemas/{name}") {
        *value = part.clone();
        return;
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| inline(value, name, part)),
        Value::Array(items) => items.iter_mut().for_each(|value| inline(value, name, part)),
        _ => {}
    }
}

/// The same enum as it was and as it became, in each of the forms that serde knows.
macro_rules! grown {
    ($module:ident, $(#[$form:meta])*) => {
        mod $module {
            use super::*;

            #[derive(Serialize, Deserialize, ToSchema)]
            $(#[$form])*
            #[allow(dead_code)]
            pub(super) enum Old {
                Gone,
                Locked { until: u32 },
            }

            #[derive(Serialize, Deserialize, ToSchema)]
            $(#[$form])*
            #[allow(dead_code)]
            pub(super) enum New {
                Gone,
                Locked { until: u32 },
                Burnt { by: String },
            }

            #[derive(Serialize, Deserialize, ToSchema)]
            $(#[$form])*
            #[allow(dead_code)]
            pub(super) enum Changed {
                Gone,
                Locked { until: Option<u32> },
            }
        }
    };
}

grown!(outside, #[serde(rename_all = "snake_case")]);
grown!(inside, #[serde(tag = "code", rename_all = "snake_case")]);
grown!(beside, #[serde(tag = "code", content = "with", rename_all = "snake_case")]);

#[test]
fn a_reader_knows_the_variants_that_it_was_built_with() {
    reads(&schema::<outside::New>(), &schema::<outside::Old>());
    reads(&schema::<inside::New>(), &schema::<inside::Old>());
    reads(&schema::<beside::New>(), &schema::<beside::Old>());
    breaks(
        &schema::<outside::Old>(),
        &schema::<outside::New>(),
        "answer",
        "may send the variant burnt, which",
    );
    for (old, new) in [
        (schema::<inside::Old>(), schema::<inside::New>()),
        (schema::<beside::Old>(), schema::<beside::New>()),
    ] {
        breaks(&old, &new, "answer", "may send the variant code=burnt, which");
    }
}

#[test]
fn the_members_of_a_variant_are_compared_within_it() {
    for (old, new, place) in [
        (
            schema::<outside::Old>(),
            schema::<outside::Changed>(),
            "answer.locked.until",
        ),
        (
            schema::<inside::Old>(),
            schema::<inside::Changed>(),
            "answer(code=locked).until",
        ),
        (
            schema::<beside::Old>(),
            schema::<beside::Changed>(),
            "answer(code=locked).with.until",
        ),
    ] {
        reads(&new, &old);
        let found = super::reading(&old, &new);
        let told: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(told.iter().all(|line| line.contains(place)), "{told:#?}");
        assert!(told[0].contains("may send null") && told[1].contains("may leave it out"));
    }
}

/// What every contract's errors look like: an enum whose last variant is another enum, flattened.
mod nested {
    use super::*;

    #[derive(Serialize, Deserialize, ToSchema)]
    #[serde(tag = "error", rename_all = "snake_case")]
    #[allow(dead_code)]
    pub(super) enum Error {
        NotFound,
        Call {
            #[serde(flatten)]
            call: Call,
        },
    }

    #[derive(Serialize, Deserialize, ToSchema)]
    #[serde(tag = "code", rename_all = "snake_case")]
    #[allow(dead_code)]
    pub(super) enum Call {
        Timeout { target: String },
        TooDeep,
    }
}

#[test]
fn a_flattened_enum_is_taken_apart_in_two_steps() {
    let old = schema::<nested::Error>();
    reads(&old, &old);
    let find = |value: &Value, tag: &str| value.to_string().contains(tag);
    assert!(
        find(&old, "allOf"),
        "utoipa describes what is flattened with allOf: {old}"
    );
    let grown = json!({"oneOf": [old, {
        "type": "object",
        "properties": {"error": {"type": "string", "enum": ["call"]}, "code": {"type": "string", "enum": ["busy"]}},
        "required": ["error", "code"],
    }]});
    reads(&grown, &old);
    breaks(&old, &grown, "answer", "may send the variant code=busy, which");
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum Colour {
    Red,
    Green,
}

#[derive(Serialize, Deserialize, ToSchema)]
struct Paint {
    colour: Colour,
    second: Option<Colour>,
    #[serde(default)]
    coats: u8,
}

#[test]
fn listed_texts_may_become_fewer_and_not_more() {
    let (old, more) = (
        schema::<Colour>(),
        json!({"type": "string", "enum": ["red", "green", "blue"]}),
    );
    reads(&more, &old);
    breaks(&old, &more, "answer", "may send \"blue\", which");
    breaks(
        &old,
        &json!({"type": "string"}),
        "answer",
        "knows only \"red\", \"green\"",
    );
    reads(&json!({"type": "string"}), &more);
    reads(
        &more,
        &json!({"oneOf": [{"const": "red"}, {"type": "string", "enum": ["blue"]}]}),
    );
}

#[test]
fn what_may_be_null_or_has_a_default_may_be_left_out() {
    let paint = schema::<Paint>();
    assert_eq!(paint["required"], json!(["colour"]), "{paint}");
    let older =
        json!({"type": "object", "properties": {"colour": schema::<Colour>()}, "required": ["colour"]});
    reads(&paint, &older);
    reads(&older, &paint);
}

#[test]
fn nothing_is_described_as_null() {
    assert_eq!(Schemas::default().of::<()>(), json!({"type": "null"}));
}
