//! Amounts, currencies, money, dates.

use crate::INPUTS;
use fuzz::spell;
use kernel::{Amount, CalendarDate, Currency, Money};

const NUMBERS: [&str; 24] = [
    "0",
    "1",
    "9",
    "5",
    "-",
    "+",
    ".",
    "e",
    "E",
    ",",
    " ",
    "00",
    "999999999",
    "0.0",
    "1e28",
    "e-28",
    "NaN",
    "inf",
    "0x",
    "_",
    "٣",
    "1234567890123456789012345678",
    "-0",
    "\"",
];

#[test]
fn amounts_read_back_the_same() {
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        let text = spell(bytes, &NUMBERS);
        let read = text.parse::<Amount>();
        if let Ok(amount) = &read {
            let again: Amount = amount.0.to_string().parse().unwrap();
            assert_eq!(again.0, amount.0, "{text}");
            let json = serde_json::to_string(amount).unwrap();
            let from_json: Amount = serde_json::from_str(&json).unwrap();
            assert_eq!(from_json.0, amount.0, "{text} as {json}");
            assert!(amount.0.scale() <= 28);
        }
        // A number in JSON and the same text as a string mean the same, or are both refused.
        let number = serde_json::from_str::<Amount>(&text).ok();
        let string = serde_json::to_string(&text)
            .ok()
            .and_then(|json| serde_json::from_str::<Amount>(&json).ok());
        if let (Some(number), Some(string)) = (number, string) {
            assert_eq!(number.0, string.0, "{text}");
        }
    });
}

#[test]
fn currencies_and_money_are_read_whole_or_refused() {
    let words = [
        "I", "N", "R", "USD", "JPY", "KWD", "usd", "XXX", "", "€", "A", "Z",
    ];
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        let text = spell(bytes, &words);
        if let Ok(currency) = text.parse::<Currency>() {
            assert_eq!(currency.to_string(), text);
        }
        let (left, right) = bytes.split_at(bytes.len() / 2);
        let json = serde_json::json!({ "amount": spell(left, &NUMBERS), "currency": spell(right, &words) });
        if let Ok(money) = serde_json::from_value::<Money>(json) {
            let text = serde_json::to_string(&money).unwrap();
            let again: Money = serde_json::from_str(&text).unwrap();
            assert_eq!(serde_json::to_string(&again).unwrap(), text);
        }
    });
}

#[test]
fn dates_read_back_the_same() {
    let words = [
        "0", "1", "2", "9", "-", "2024", "02", "29", "31", "12", "T", "/", " ", "+", "1900", "2199", "2200",
    ];
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        let text = spell(bytes, &words);
        if let Ok(date) = text.parse::<CalendarDate>() {
            assert_eq!(date.to_string(), text);
        }
    });
    for (year, month, day, right) in [(2024, 2, 29, true), (2023, 2, 29, false), (1900, 2, 29, false)] {
        let text = format!("{year:04}-{month:02}-{day:02}");
        assert_eq!(text.parse::<CalendarDate>().is_ok(), right, "{text}");
    }
}
