use super::{answering, breaks, contract, reads, taking};
use rpc::{
    Mode,
    schema::{GroupContract, compatible},
};
use serde_json::{Value, json};

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}

fn told(client: &GroupContract, server: &GroupContract) -> Vec<String> {
    compatible(client, server)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_method_that_the_server_lacks_is_named_and_one_that_the_client_lacks_is_not() {
    let (with, without) = (contract(|_| {}), GroupContract::new("desk", 1));
    assert_eq!(
        told(&with, &without),
        ["desk.notes.read, method: the server does not have it"]
    );
    assert!(told(&without, &with).is_empty());
}

#[test]
fn another_mode_breaks() {
    let effect = contract(|method| method.mode = Mode::Effect);
    assert_eq!(
        told(&contract(|_| {}), &effect),
        ["desk.notes.read, mode: the client calls it as 'read', and the server declares 'effect'"]
    );
    assert_eq!(told(&effect, &contract(|_| {})).len(), 1);
}

#[test]
fn a_stream_is_no_answer() {
    let stream = contract(|method| method.stream = true);
    assert_eq!(
        told(&contract(|_| {}), &stream),
        ["desk.notes.read, answer: the client expects one answer, and the server sends a stream"]
    );
    assert_eq!(told(&stream, &contract(|_| {})).len(), 1);
}

#[test]
fn an_argument_may_be_added_if_it_may_be_left_out() {
    let old = contract(|_| {});
    let mut arguments = object(&json!({"limit": {"type": "integer"}}), &[]);
    let optional = contract(|method| method.arguments = arguments.clone());
    assert!(told(&old, &optional).is_empty());
    assert!(
        told(&optional, &old).is_empty(),
        "the server ignores what it does not know"
    );
    arguments["required"] = json!(["limit"]);
    let required = contract(|method| method.arguments = arguments);
    assert_eq!(
        told(&old, &required),
        ["desk.notes.read, arguments.limit: the client does not send it, and the server needs it"]
    );
    assert_eq!(
        told(&optional, &required),
        ["desk.notes.read, arguments.limit: the client may leave it out, and the server needs it"]
    );
    assert!(told(&required, &optional).is_empty());
}

#[test]
fn an_answer_may_gain_members_and_not_lose_them() {
    let small = object(&json!({"id": {"type": "string"}}), &["id"]);
    let large = object(
        &json!({"id": {"type": "string"}, "name": {"type": "string"}}),
        &["id", "name"],
    );
    let loose = object(
        &json!({"id": {"type": "string"}, "name": {"type": "string"}}),
        &["id"],
    );
    for writer in [&large, &loose] {
        reads(&small, writer);
    }
    reads(&loose, &small);
    reads(&loose, &large);
    breaks(&large, &small, "answer.name", "does not send it");
    breaks(&large, &loose, "answer.name", "may leave it out");
}

#[test]
fn the_direction_decides() {
    let (narrow, wide) = (json!({"type": "integer"}), json!({"type": "number"}));
    assert!(told(&answering(wide.clone()), &answering(narrow.clone())).is_empty());
    assert_eq!(
        told(&answering(narrow.clone()), &answering(wide.clone())),
        ["desk.notes.read, answer: the server may send a number, and the client expects an integer"]
    );
    assert!(told(&taking(narrow.clone()), &taking(wide.clone())).is_empty());
    assert_eq!(
        told(&taking(wide), &taking(narrow)),
        ["desk.notes.read, arguments.it: the client may send a number, and the server expects an integer"]
    );
}

#[test]
fn an_error_is_read_like_an_answer() {
    let more = contract(|method| {
        method.error = json!({"type": "string", "enum": ["not_found", "locked"]});
    });
    assert_eq!(
        told(&contract(|_| {}), &more),
        ["desk.notes.read, error: the server may send \"locked\", which the client does not know"]
    );
    assert!(told(&more, &contract(|_| {})).is_empty());
}

#[test]
fn kinds_do_not_mix() {
    let kinds = ["null", "boolean", "integer", "string", "array", "object"];
    for reader in kinds {
        for writer in kinds {
            let (one, other) = (json!({"type": reader}), json!({"type": writer}));
            match reader == writer {
                true => reads(&one, &other),
                false => breaks(&one, &other, "answer", "expects"),
            }
        }
    }
    let anything = json!({});
    reads(&anything, &json!({"type": "string"}));
    breaks(
        &json!({"type": "string"}),
        &anything,
        "answer",
        "may send anything",
    );
}

#[test]
fn null_is_read_where_it_is_expected() {
    let plain = json!({"type": "string"});
    for nullable in [
        json!({"type": ["string", "null"]}),
        json!({"oneOf": [{"type": "null"}, {"type": "string"}]}),
        json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ] {
        reads(&nullable, &plain);
        reads(&nullable, &json!({"type": "null"}));
        breaks(&plain, &nullable, "answer", "may send null");
    }
}

#[test]
fn numbers_may_not_leave_the_range_of_the_reader() {
    let integer = |format: &str| json!({"type": "integer", "format": format});
    let unsigned = |format: &str| json!({"type": "integer", "format": format, "minimum": 0});
    reads(&integer("int64"), &integer("int32"));
    reads(&integer("int64"), &unsigned("int32"));
    reads(&unsigned("int64"), &unsigned("int32"));
    reads(&json!({"type": "integer"}), &integer("int64"));
    breaks(
        &integer("int32"),
        &integer("int64"),
        "answer",
        "a number less than -2147483648",
    );
    breaks(&unsigned("int64"), &integer("int64"), "answer", "less than 0");
    breaks(
        &integer("int32"),
        &unsigned("int32"),
        "answer",
        "greater than 2147483647",
    );
    breaks(
        &integer("int64"),
        &unsigned("int64"),
        "answer",
        "greater than 9223372036854775807",
    );
    let percent = json!({"type": "integer", "minimum": 0, "maximum": 100});
    reads(&unsigned("int32"), &percent);
    breaks(&percent, &unsigned("int32"), "answer", "greater than 100");
    let positive = json!({"type": "number", "exclusiveMinimum": 0});
    reads(&json!({"type": "number", "minimum": 0}), &positive);
    breaks(
        &positive,
        &json!({"type": "number", "minimum": 0}),
        "answer",
        "not more than 0",
    );
}

#[test]
fn texts_may_not_leave_the_form_of_the_reader() {
    let plain = json!({"type": "string"});
    let id = json!({"type": "string", "format": "uuid"});
    reads(&plain, &id);
    breaks(&id, &plain, "answer", "expects the format \"uuid\"");
    breaks(
        &id,
        &json!({"type": "string", "format": "date"}),
        "answer",
        "\"date\"",
    );
    let code = json!({"type": "string", "pattern": "^[A-Z]{3}$"});
    reads(&plain, &code);
    breaks(&code, &plain, "answer", "pattern");
    let (short, long) = (
        json!({"type": "string", "maxLength": 10}),
        json!({"type": "string", "maxLength": 20}),
    );
    reads(&long, &short);
    breaks(&short, &long, "answer", "more than 10 characters");
    breaks(
        &json!({"type": "string", "minLength": 1}),
        &plain,
        "answer",
        "fewer than 1",
    );
}

#[test]
fn lists_and_maps_are_compared_by_what_they_hold() {
    let list = |items: Value| json!({"type": "array", "items": items});
    let entry = |kind: &str| object(&json!({"id": {"type": kind}}), &["id"]);
    reads(&list(entry("number")), &list(entry("integer")));
    breaks(
        &list(entry("string")),
        &list(entry("integer")),
        "answer[].id",
        "an integer",
    );
    let three = json!({"type": "array", "items": {"type": "string"}, "maxItems": 3});
    reads(&list(json!({"type": "string"})), &three);
    breaks(
        &three,
        &list(json!({"type": "string"})),
        "answer",
        "more than 3 items",
    );
    let pair = |second: &str| json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": second}], "items": false});
    reads(&pair("number"), &pair("integer"));
    breaks(&pair("string"), &pair("integer"), "answer[1]", "an integer");
    let map = |values: &str| json!({"type": "object", "additionalProperties": {"type": values}});
    reads(&map("number"), &map("integer"));
    breaks(&map("string"), &map("integer"), "answer.*", "an integer");
    breaks(&map("integer"), &entry("string"), "answer.id", "a string");
    reads(&map("string"), &entry("string"));
    let strict = json!({"type": "object", "properties": {}, "additionalProperties": false});
    breaks(
        &strict,
        &entry("string"),
        "answer.id",
        "refuses what it does not know",
    );
}

#[test]
fn references_are_followed_and_recursion_ends() {
    let with = |node: Value| {
        let mut contract = answering(json!({"$ref": "#/schemas/Node"}));
        contract.schemas.insert("Node".to_owned(), node);
        contract
    };
    let node = |id: &str| {
        object(
            &json!({
                "id": {"type": id},
                "children": {"type": "array", "items": {"$ref": "#/schemas/Node"}},
                "parent": {"oneOf": [{"type": "null"}, {"$ref": "#/schemas/Node"}]},
            }),
            &["id", "children"],
        )
    };
    assert!(told(&with(node("number")), &with(node("integer"))).is_empty());
    assert_eq!(
        told(&with(node("string")), &with(node("integer"))),
        ["answer.id", "answer.parent.id"].map(|place| format!(
            "desk.notes.read, {place}: the server may send an integer, and the client expects a string"
        ))
    );
    let itself = json!({"$ref": "#/schemas/Node"});
    assert!(told(&with(itself.clone()), &with(itself)).is_empty());
    let inlined = answering(node("integer"));
    let mut renamed = with(node("integer"));
    renamed.schemas.insert("Other".to_owned(), node("integer"));
    renamed.schemas.remove("Node");
    assert!(told(&inlined, &inlined).is_empty());
    assert!(
        !told(&inlined, &renamed).is_empty(),
        "a reference that leads nowhere may be anything"
    );
}

#[test]
fn what_is_flattened_is_put_together() {
    let flat = json!({"allOf": [
        object(&json!({"id": {"type": "string"}}), &["id"]),
        object(&json!({"seen": {"type": "boolean"}}), &["seen"]),
    ]});
    let plain = object(
        &json!({"id": {"type": "string"}, "seen": {"type": "boolean"}}),
        &["id", "seen"],
    );
    reads(&flat, &plain);
    reads(&plain, &flat);
    let part = object(&json!({"id": {"type": "string"}}), &["id"]);
    reads(&part, &flat);
    breaks(&flat, &part, "answer.seen", "does not send it");
}

#[test]
fn words_for_people_change_nothing() {
    let plain = json!({"type": "string"});
    let told = json!({"type": "string", "description": "a name", "examples": ["Priya"], "deprecated": true});
    reads(&plain, &told);
    reads(&told, &plain);
}

#[test]
fn each_gap_is_told_once_and_all_of_them_are() {
    let client = contract(|method| {
        method.answer = object(
            &json!({"id": {"type": "string"}, "at": {"type": "string"}}),
            &["id", "at"],
        );
    });
    let server = contract(|method| {
        method.mode = Mode::Idempotent;
        method.answer = object(&json!({"id": {"type": "integer"}}), &["id"]);
    });
    let places: Vec<_> = compatible(&client, &server)
        .into_iter()
        .map(|breach| breach.place)
        .collect();
    assert_eq!(places, ["mode", "answer.at", "answer.id"]);
}
