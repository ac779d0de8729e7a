use super::{Function, answer};
use serde_json::{Value, json};

fn calc(function: Function, input: &str) -> Value {
    answer(function, input.as_bytes()).unwrap_or_else(|body| panic!("{body:?}"))
}

fn refused(function: Function, input: &str) -> (String, Vec<String>) {
    let body = answer(function, input.as_bytes()).expect_err(input);
    let fields = body.details.unwrap_or_default();
    (
        body.error,
        fields.into_iter().map(|detail| detail.field).collect(),
    )
}

#[test]
fn a_scalar_is_not_rounded_and_takes_numbers_and_texts() {
    let found = calc(Function::Pmt, r#"{"rate": "0.01", "nper": 5, "pv": -5000}"#);
    assert!(found["value"].to_string().starts_with("1030.1989980"), "{found}");
    assert_eq!(
        calc(
            Function::ReorderPoint,
            r#"{"daily_demand": 50, "lead_time_days": 6, "demand_sd": 0, "service_level": 0.9}"#
        )
        .to_string(),
        r#"{"value":300}"#
    );
    let interest = calc(
        Function::Cumipmt,
        r#"{"rate": 0.0075, "nper": 360, "pv": 125000, "start": 1, "end": 1, "due": 0}"#,
    );
    assert!(
        interest["value"].to_string().starts_with("-937.500000"),
        "{interest}"
    );
}

#[test]
fn a_schedule_has_the_lines_of_the_loan() {
    let found = calc(
        Function::Schedule,
        r#"{"principal": 1000, "annual_rate": 0, "term": 3}"#,
    );
    assert_eq!(found["payment"].to_string(), "333.33");
    assert_eq!(
        found["schedule"][2].to_string(),
        r#"{"balance":0.00,"interest":0.00,"number":3,"payment":333.34,"principal":333.34}"#
    );
}

#[test]
fn where_there_is_no_answer_it_says_why() {
    let found = calc(
        Function::Apr,
        r#"{"advance": 1000, "payments": [[1, 0, 500]], "periods_per_year": 12}"#,
    );
    assert_eq!(found["value"], Value::Null);
    assert_eq!(found["reason"], "the payments add up to less than the advances");
}

#[test]
fn stock_is_valued_in_the_order_of_movements() {
    let input = r#"{"method": "fifo", "movements": [{"in": 2, "unit_cost": "1.50"}, {"out": 1}]}"#;
    assert_eq!(
        calc(Function::Valuation, input).to_string(),
        json!({"cogs": [1.5], "closing_quantity": 1, "closing_value": 1.5}).to_string()
    );
}

#[test]
fn wrong_input_names_its_field() {
    for (function, input, error, field) in [
        (Function::Pmt, "", "malformed", None),
        (Function::Pmt, "{", "malformed", None),
        (Function::Pmt, "[]", "validation_error", Some("body")),
        (Function::Pmt, "{}", "validation_error", Some("rate")),
        (
            Function::Pmt,
            r#"{"rate": 0, "nper": 1, "pv": 1, "pmt": 2}"#,
            "validation_error",
            Some("pmt"),
        ),
        (
            Function::Pmt,
            r#"{"rate": "NaN", "nper": 1, "pv": 1}"#,
            "validation_error",
            Some("rate"),
        ),
        (
            Function::Pmt,
            r#"{"rate": 0, "nper": 0, "pv": 1}"#,
            "validation_error",
            Some("nper"),
        ),
        (
            Function::Pmt,
            r#"{"rate": 0, "nper": 1, "pv": 1, "due": 2}"#,
            "validation_error",
            Some("due"),
        ),
        (
            Function::Schedule,
            r#"{"principal": 1, "annual_rate": 0, "term": 1.5}"#,
            "validation_error",
            Some("term"),
        ),
        (
            Function::Schedule,
            r#"{"principal": 1, "annual_rate": 0, "term": 1, "frequency": "hourly"}"#,
            "validation_error",
            Some("frequency"),
        ),
        (
            Function::Valuation,
            r#"{"method": "lifo", "movements": [{"out": 1}]}"#,
            "validation_error",
            Some("movements[0].out"),
        ),
        (
            Function::Valuation,
            r#"{"method": "lifo", "movements": [{"in": 1}]}"#,
            "validation_error",
            Some("movements[0]"),
        ),
        (
            Function::Apr,
            r#"{"advance": 1, "payments": [[-1, 0, 1]], "periods_per_year": 1}"#,
            "validation_error",
            Some("payments[0][0]"),
        ),
    ] {
        let (found, fields) = refused(function, input);
        assert_eq!(found, error, "{input}");
        assert_eq!(fields.first().map(String::as_str), field, "{input}");
    }
}
