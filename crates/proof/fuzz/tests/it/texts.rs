//! Names, e-mail addresses, keys, trace headers, ids.

use crate::INPUTS;
use fuzz::spell;
use kernel::{ClientId, Email, IdempotencyKey, Text, TraceContext, fold};

const LETTERS: [&str; 20] = [
    "a",
    "Z",
    " ",
    "\t",
    "\u{0}",
    "\u{7f}",
    "é",
    "e\u{301}",
    "ß",
    "İ",
    "ﬀ",
    "👩‍👩‍👧",
    "\u{202e}",
    "\u{feff}",
    "@",
    ".",
    "-",
    "example",
    "com",
    "'",
];

#[test]
fn texts_are_clean_and_fold_once() {
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        let text = spell(bytes, &LETTERS);
        let folded = fold(&text);
        assert_eq!(fold(&folded), folded, "{text:?} folds further");
        if let Ok(read) = Text::<1, 40>::parse(&text) {
            assert!(!read.as_str().chars().any(char::is_control));
            assert!((1..=40).contains(&read.as_str().chars().count()));
            assert_eq!(Text::<1, 40>::parse(read.as_str()).unwrap(), read);
        }
    });
}

#[test]
fn e_mail_addresses_are_one_address() {
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        let text = spell(bytes, &LETTERS);
        if let Ok(email) = Email::parse(&text) {
            assert!(
                !email.as_str().contains(['\r', '\n', ' ', ',', ';', '<', '>']),
                "{email:?}"
            );
            assert_eq!(Email::parse(email.as_str()).unwrap(), email);
        }
    });
}

#[test]
fn keys_and_trace_headers_are_read_whole_or_refused() {
    let words = [
        "00",
        "-",
        "ff",
        "0",
        "a",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "00f067aa0ba902b7",
        "01",
        " ",
        "G",
        "é",
    ];
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        let text = spell(bytes, &words);
        if let Ok(key) = IdempotencyKey::parse(&text) {
            assert_eq!(key.as_str(), text);
            assert!(IdempotencyKey::parse(key.step("x").as_str()).is_ok());
        }
        if let Some(trace) = TraceContext::parse(&text) {
            assert_eq!(TraceContext::parse(&trace.to_string()), Some(trace));
        }
        if let Ok(id) = text.parse::<ClientId>() {
            assert_eq!(id.to_string().parse::<ClientId>().unwrap(), id);
        }
    });
}
