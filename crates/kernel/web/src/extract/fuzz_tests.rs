//! Bodies, queries and headers that nobody would send on purpose.

use super::fields::{from_json, from_pairs, require_utf8};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Thing {
    name: kernel::Text<1, 20>,
    amount: Option<kernel::Amount>,
    kind: Option<Kind>,
    #[serde(default)]
    parts: Vec<Thing>,
    #[serde(default)]
    more: BTreeMap<String, u32>,
    id: Option<kernel::ClientId>,
    day: Option<kernel::CalendarDate>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Person,
    Firm,
}

#[derive(Debug, Deserialize)]
struct Filter {
    #[serde(default)]
    _limit: Option<u32>,
    #[serde(default)]
    _name: Option<kernel::Text<1, 20>>,
    #[serde(default)]
    _from: Option<kernel::CalendarDate>,
}

const WORDS: [&str; 32] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"name\"",
    "\"a\"",
    "\"amount\"",
    "1.50",
    "1e99",
    "\"kind\"",
    "\"person\"",
    "\"parts\"",
    "\"more\"",
    "null",
    "true",
    "\"\\u0000\"",
    "\"\\ud83d\"",
    "\"$serde_json::private::Number\"",
    " ",
    "-0",
    "\"id\"",
    "\"day\"",
    "\"2024-02-29\"",
    "{\"name\":\"a\"",
    "[[[[[[[[",
    "{\"a\":{\"a\":",
    "\"x\":1",
    "1",
    "\u{feff}",
    "\"name\":\"b\"",
];

fn spell(bytes: &[u8], words: &[&str]) -> String {
    bytes
        .iter()
        .map(|byte| words[usize::from(*byte) % words.len()])
        .collect()
}

#[test]
fn a_body_is_read_the_same_twice_or_refused_with_a_status_of_the_clients() {
    bolero::check!().with_iterations(6_000).for_each(|bytes: &[u8]| {
        for body in [bytes.to_vec(), spell(bytes, &WORDS).into_bytes()] {
            match from_json::<Thing>(&body) {
                Ok(thing) => {
                    let again = serde_json::to_vec(&thing).unwrap();
                    assert_eq!(from_json::<Thing>(&again).unwrap(), thing);
                }
                Err(failure) => {
                    let status = actix_web::ResponseError::status_code(&failure).as_u16();
                    assert!(matches!(status, 400 | 422), "{status}");
                    assert!(failure.to_string().len() < 1_000);
                }
            }
        }
    });
}

#[test]
fn any_query_is_read_or_refused() {
    let words = [
        "_limit",
        "=",
        "&",
        "1",
        "-1",
        "%00",
        "%ff",
        "+",
        "_name",
        "_from",
        "2024-02-29",
        "a",
        "%C3%A9",
        "[]",
        ";",
    ];
    bolero::check!().with_iterations(6_000).for_each(|bytes: &[u8]| {
        let query = spell(bytes, &words);
        let _ = require_utf8(&query, "query");
        let pairs = query.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (Cow::Borrowed(name), Cow::Borrowed(value))
        });
        if let Err(failure) = from_pairs::<Filter>(pairs) {
            let status = actix_web::ResponseError::status_code(&failure).as_u16();
            assert!(matches!(status, 400 | 422), "{query}: {status}");
        }
    });
}

#[test]
fn any_version_tag_is_read_or_refused() {
    let words = [
        "\"",
        "W/",
        "*",
        "1",
        "18446744073709551616",
        ",",
        " ",
        "-",
        "é",
        "+",
    ];
    bolero::check!().with_iterations(6_000).for_each(|bytes: &[u8]| {
        let _ = super::if_match::read(&spell(bytes, &words));
    });
}
