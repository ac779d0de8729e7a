use super::request::HUGE;
use serde_json::{Value, json};

/// A value that nobody means well with.
pub(super) struct Hostile {
    pub(super) value: Value,
    /// Refused whatever the schema says: there is no place for it.
    pub(super) always: bool,
}

const TEXTS: &[&str] = &[
    "",
    " ",
    "NaN",
    "Infinity",
    "-1",
    "1.5",
    "1e400",
    "9223372036854775808",
    "99999999999999999999",
    "1234567890123456789012345678901234567890",
    "null",
    "true",
    "[]",
    "{\"$gt\":\"\"}",
    "no_such_value",
    "not-a-uuid",
    "0190a5c0-0000-7000-8000-00000000000g",
    "9999-12-31",
    "0000-00-00",
    "2026-02-30",
    "+262143-01-01",
    "1000000-01-01T00:00:00Z",
    "../../etc/passwd",
    "'; DROP TABLE clients; --",
    "\u{202e}\u{feff}",
];

/// What never has a place, wherever a text stands.
const CONTROL: &[&str] = &["a\u{0}b", "\u{1b}[31m", "a\r\nb"];

/// Values for a field of a JSON body.
pub(super) fn for_json() -> Vec<Hostile> {
    let judged = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!([]),
        json!([[]]),
        json!({}),
        json!("x".repeat(300)),
        json!("x".repeat(70_000)),
        number("9223372036854775808"),
        number("99999999999999999999"),
        number("-9223372036854775809"),
    ];
    let never = [
        json!({ "$gt": "" }),
        json!([{ "$where": "1" }]),
        json!(HUGE),
        number("1234567890123456789012345678901234567890"),
        number("1e400"),
    ];
    let texts = TEXTS.iter().map(|text| json!(text));
    let control = CONTROL.iter().map(|text| json!(text));
    let judged = judged
        .into_iter()
        .chain(texts)
        .map(|value| Hostile { value, always: false });
    let never = never
        .into_iter()
        .chain(control)
        .map(|value| Hostile { value, always: true });
    judged.chain(never).collect()
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Texts for a place in the path or the query, as bytes; and whether each is refused whatever the schema says.
pub(super) fn for_address() -> Vec<(Vec<u8>, bool)> {
    let judged = TEXTS.iter().map(|text| (text.as_bytes().to_vec(), false));
    let control = CONTROL.iter().map(|text| (text.as_bytes().to_vec(), true));
    let long = ("x".repeat(8000).into_bytes(), true);
    let no_text = (vec![0x61, 0xff], true);
    judged.chain(control).chain([long, no_text]).collect()
}

/// Values of a header; control characters cannot be sent there.
pub(super) fn for_header() -> Vec<Vec<u8>> {
    let texts = TEXTS.iter().filter(|text| text.is_ascii());
    texts
        .map(|text| text.as_bytes().to_vec())
        .chain([
            "x".repeat(8000).into_bytes(),
            vec![0xfc, 0x61],
            b"a\tb".to_vec(),
            b"*".to_vec(),
        ])
        .collect()
}
