//! Contracts that check themselves.

mod committed;
mod described;
mod rules;
mod same;
mod variants;

use rpc::{
    Mode,
    schema::{Breach, ContractSchema, GroupContract, MethodSchema, compatible},
};
use serde_json::{Value, json};

/// A group with the one method `desk.notes.read`.
fn contract(change: impl FnOnce(&mut MethodSchema)) -> GroupContract {
    let mut method = MethodSchema {
        mode: Mode::Read,
        summary: String::new(),
        arguments: json!({"type": "object", "properties": {}, "required": []}),
        answer: json!({"type": "null"}),
        error: json!({"type": "string", "enum": ["not_found"]}),
        stream: false,
    };
    change(&mut method);
    let mut contract = GroupContract::new("desk", 1);
    contract.contracts.insert(
        "desk.notes".to_owned(),
        ContractSchema::default().method("read", method),
    );
    contract
}

fn answering(schema: Value) -> GroupContract {
    contract(|method| method.answer = schema)
}

fn taking(schema: Value) -> GroupContract {
    contract(|method| {
        method.arguments = json!({"type": "object", "properties": {"it": schema}, "required": ["it"]});
    })
}

/// What reading `reader` says of what `writer` may send: the same for an answer and for an argument.
fn reading(reader: &Value, writer: &Value) -> Vec<Breach> {
    let answered = compatible(&answering(reader.clone()), &answering(writer.clone()));
    let taken = compatible(&taking(writer.clone()), &taking(reader.clone()));
    let tails = |breaches: &[Breach], head: &str| -> Vec<String> {
        breaches
            .iter()
            .map(|breach| breach.place.strip_prefix(head).unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        tails(&answered, "answer"),
        tails(&taken, "arguments.it"),
        "{reader} {writer}"
    );
    answered
}

#[track_caller]
fn reads(reader: &Value, writer: &Value) {
    let found = reading(reader, writer);
    assert!(found.is_empty(), "{found:#?}");
}

#[track_caller]
fn breaks(reader: &Value, writer: &Value, place: &str, reason: &str) {
    let found = reading(reader, writer);
    assert_eq!(found.len(), 1, "{writer} against {reader}: {found:#?}");
    let told = found[0].to_string();
    assert!(
        told.starts_with(&format!("desk.notes.read, {place}: ")) && told.contains(reason),
        "'{told}' does not name '{place}' and say '{reason}'"
    );
}
