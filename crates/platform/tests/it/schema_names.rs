//! Names in the merged OpenAPI document.

use platform::known_groups;
use serde_json::Value;
use std::collections::BTreeMap;

/// The documents of all groups are merged into one: a name that two of them give to different things would describe
/// one of the two wrongly.
#[test]
fn a_schema_name_means_the_same_in_every_group() {
    let mut known: BTreeMap<String, (&str, Value)> = BTreeMap::new();
    let mut clashes = Vec::new();
    for group in known_groups() {
        let document: Value = serde_json::from_str(group.openapi).unwrap();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            match known.get(name) {
                Some((other, same)) if same != schema => clashes.push(format!(
                    "{name}: {other} and {} mean different things: give one of them another name with #[schema(as = …)]",
                    group.name
                )),
                Some(_) => {}
                None => {
                    known.insert(name.clone(), (group.name, schema.clone()));
                }
            }
        }
    }
    assert!(known.len() > 50, "the documents were read: {}", known.len());
    assert!(clashes.is_empty(), "{clashes:#?}");
}
