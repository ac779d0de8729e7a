use super::answering;
use proptest::prelude::*;
use rpc::schema::{GroupContract, compatible};
use serde_json::{Map, Value, json};

const NAMES: [&str; 3] = ["One", "Two", "Three"];
const MEMBERS: [&str; 4] = ["id", "kind", "next", "items"];

/// Schemas as utoipa writes them, with references among three names, in circles too.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!({"type": "null"})),
        Just(json!({"type": "boolean"})),
        Just(json!({"type": "string", "format": "uuid"})),
        Just(json!({"type": "number", "format": "double"})),
        Just(json!({"type": "string", "pattern": "^[A-Z]{3}$", "maxLength": 3})),
        Just(json!({"type": "object"})),
        (prop_oneof![Just("int32"), Just("int64")], any::<bool>()).prop_map(|(format, unsigned)| {
            match unsigned {
                true => json!({"type": "integer", "format": format, "minimum": 0}),
                false => json!({"type": "integer", "format": format}),
            }
        }),
        prop::sample::subsequence(MEMBERS.to_vec(), 1..=4)
            .prop_map(|values| json!({"type": ["string", "null"], "enum": values})),
        prop::sample::select(NAMES.to_vec()).prop_map(|name| json!({"$ref": format!("#/schemas/{name}")})),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|items| json!({"type": "array", "items": items})),
            inner
                .clone()
                .prop_map(|values| json!({"type": "object", "additionalProperties": values})),
            prop::collection::vec(inner.clone(), 1..=3)
                .prop_map(|first| json!({"type": "array", "prefixItems": first, "items": false})),
            inner
                .clone()
                .prop_map(|schema| json!({"oneOf": [{"type": "null"}, schema]})),
            prop::collection::vec(object(inner.clone()), 1..=3).prop_map(|parts| json!({"allOf": parts})),
            prop::collection::vec(inner.clone(), 1..=3).prop_map(|choices| json!({"oneOf": choices})),
            prop::collection::vec(object(inner.clone()), 1..=3).prop_map(tagged),
            object(inner),
        ]
    })
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (
        prop::collection::btree_map(prop::sample::select(MEMBERS.to_vec()), inner, 0..=4),
        prop::collection::btree_set(prop::sample::select(MEMBERS.to_vec()), 0..=4),
    )
        .prop_map(|(members, required)| {
            let required: Vec<&str> = required
                .into_iter()
                .filter(|name| members.contains_key(name))
                .collect();
            let properties: Map<String, Value> = members
                .into_iter()
                .map(|(name, schema)| (name.to_owned(), schema))
                .collect();
            json!({"type": "object", "properties": properties, "required": required})
        })
}

fn tagged(variants: Vec<Value>) -> Value {
    let variants: Vec<Value> = variants
        .into_iter()
        .enumerate()
        .map(|(index, mut variant)| {
            variant["properties"]["tag"] = json!({"type": "string", "enum": [format!("v{index}")]});
            if let Some(required) = variant["required"].as_array_mut() {
                required.push(json!("tag"));
            }
            variant
        })
        .collect();
    json!({"oneOf": variants})
}

fn contract() -> impl Strategy<Value = GroupContract> {
    (schema(), [schema(), schema(), schema()]).prop_map(|(answer, named)| {
        let mut contract = answering(answer);
        for (name, schema) in NAMES.iter().zip(named) {
            contract.schemas.insert((*name).to_owned(), schema);
        }
        contract
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_contract_is_compatible_with_itself(contract in contract()) {
        let found = compatible(&contract, &contract);
        prop_assert!(found.is_empty(), "{:#?}", found);
    }

    #[test]
    fn a_document_is_read_back_as_it_was(contract in contract()) {
        let read: GroupContract = serde_json::from_str(&contract.to_json()).unwrap();
        prop_assert_eq!(read.hash(), contract.hash());
        prop_assert!(compatible(&read, &contract).is_empty());
    }

    #[test]
    fn comparing_any_two_contracts_ends(client in contract(), server in contract()) {
        let _ = compatible(&client, &server);
    }
}
