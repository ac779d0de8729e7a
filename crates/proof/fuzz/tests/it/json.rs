//! Documents, arguments, answers and errors as they come over the wire.

use crate::INPUTS;
use fuzz::spell;
use kernel::{CallError, ErrorBody, EventEnvelope, Principal};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

const WORDS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "true",
    "1e999",
    "-0",
    "12345678901234567890123456789012345678901234567890",
    "\"id\"",
    "\"seq\"",
    "\"type\"",
    "\"data\"",
    "\"kind\"",
    "\"user\"",
    "\"system\"",
    "\"amount\"",
    "\"currency\"",
    "\"INR\"",
    "\"0190c5a8-0000-7000-8000-000000000000\"",
    "\"2026-01-01T00:00:00Z\"",
    "\"error\"",
    "\"message\"",
    "\"details\"",
    "\"$serde_json::private::Number\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    " ",
    "\n",
    "0",
    "1",
    ".5",
    "1.50",
    "\"version\"",
    "\"tenant\"",
    "\"role\"",
    "\"admin\"",
];

/// What is read can be written, and reads back as the same.
fn round_trip<T: DeserializeOwned + Serialize>(text: &str) {
    if let Ok(value) = serde_json::from_str::<T>(text) {
        let once = serde_json::to_string(&value).unwrap();
        let again: T = serde_json::from_str(&once).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), once, "{text}");
    }
}

#[test]
fn what_comes_over_the_wire_reads_back_the_same() {
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        let text = spell(bytes, &WORDS);
        round_trip::<Value>(&text);
        round_trip::<EventEnvelope>(&text);
        round_trip::<ErrorBody>(&text);
        round_trip::<CallError>(&text);
        round_trip::<Principal>(&text);
        round_trip::<finance_contract::FinanceError>(&text);
        round_trip::<auth_contract::AuthError>(&text);
        round_trip::<advisory_contract::AdvisoryError>(&text);
    });
}

#[test]
fn every_change_of_a_good_event_is_read_whole_or_refused() {
    let good = serde_json::json!({
        "seq": 1, "id": "0190c5a8-0000-7000-8000-000000000000", "type": "x.y", "version": 1,
        "time": "2026-01-01T00:00:00Z", "producer": "finance", "tenant": "0190c5a8-0000-7000-8000-000000000001",
        "actor": "system/x", "subject": "x/1", "correlation": "0190c5a8-0000-7000-8000-000000000002",
        "causation": null, "data": { "amount": 12345678901234567.89_f64 }
    })
    .to_string();
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        let [place, word, ..] = bytes else { return };
        let place = usize::from(*place) * good.len() / 256;
        let mut text = good.clone();
        text.insert_str(place, WORDS[usize::from(*word) % WORDS.len()]);
        round_trip::<EventEnvelope>(&text);
    });
}
