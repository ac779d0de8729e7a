//! Contract documents of other processes.

use crate::INPUTS;
use rpc::schema::{GroupContract, compatible};
use serde_json::Value;

/// Changes one place of a document.
fn change(value: &mut Value, path: &[u8], with: &Value) {
    let Some((step, rest)) = path.split_first() else {
        *value = with.clone();
        return;
    };
    let step = usize::from(*step);
    match value {
        Value::Object(map) if !map.is_empty() => {
            let place = step % map.len();
            if rest.is_empty() && step % 5 == 0 {
                let name = map.keys().nth(place).unwrap().clone();
                map.remove(&name);
            } else if let Some(inner) = map.values_mut().nth(place) {
                change(inner, rest, with);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            let place = step % list.len();
            change(&mut list[place], rest, with);
        }
        other => *other = with.clone(),
    }
}

#[test]
fn any_document_is_compared_without_harm() {
    let good = [
        finance_contract::contract(),
        auth_contract::contract(),
        advisory_contract::contract(),
    ];
    for contract in &good {
        assert!(compatible(contract, contract).is_empty());
    }
    let replacements = [
        Value::Null,
        serde_json::json!({}),
        serde_json::json!([]),
        serde_json::json!("string"),
        serde_json::json!(["string", "null"]),
        serde_json::json!({ "$ref": "#/schemas/Money" }),
        serde_json::json!({ "$ref": "#/schemas/Nothing" }),
        serde_json::json!({ "allOf": [{ "$ref": "#/schemas/Loop" }], "type": 7 }),
        serde_json::json!({ "type": "object", "required": ["x", 1], "properties": { "x": true } }),
        serde_json::json!({ "type": "integer", "minimum": 1e308_f64, "maximum": -1 }),
        serde_json::json!({ "oneOf": [] }),
        serde_json::json!({ "enum": [1, "a", null] }),
    ];
    bolero::check!()
        .with_iterations(INPUTS / 4)
        .for_each(|bytes: &[u8]| {
            let [which, with, path @ ..] = bytes else { return };
            let ours = &good[usize::from(*which) % good.len()];
            let mut document = serde_json::to_value(ours).unwrap();
            document["schemas"]["Loop"] = serde_json::json!({ "$ref": "#/schemas/Loop" });
            for path in path.chunks(6).take(4) {
                change(
                    &mut document,
                    path,
                    &replacements[usize::from(*with) % replacements.len()],
                );
            }
            if let Ok(theirs) = serde_json::from_value::<GroupContract>(document) {
                let _ = compatible(ours, &theirs);
                let _ = compatible(&theirs, ours);
                let _ = (theirs.hash(), theirs.problems(), theirs.to_json());
            }
        });
}
