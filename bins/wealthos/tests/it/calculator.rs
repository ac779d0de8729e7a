use crate::process::Home;
use serde_json::{Value, json};
use std::process::{Output, Stdio};
use tokio::io::AsyncWriteExt;

async fn calc(home: &Home, function: &str, input: &str) -> Output {
    let mut command = home.command("wealthctl");
    // Nothing but the object on standard input counts: settings that are wrong do not get in the way.
    command
        .args(["calc", function])
        .env("DATABASE_URL", "nonsense://")
        .stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    child.wait_with_output().await.unwrap()
}

#[tokio::test]
async fn one_object_goes_in_and_one_comes_out() {
    let home = Home::sqlite();
    let flows = json!({ "flows": [["2020-01-01", -100], ["2020-12-31", "110"]] });
    for (function, input, expected) in [
        (
            "eoq",
            json!({ "fixed_cost": 10, "holding_cost": "0.5", "demand": 1000 }),
            json!({ "quantity": 200, "cost": 100 }),
        ),
        (
            "wash_sale",
            json!({ "buy": [100, 1000], "sell": [100, 750], "rebuys": [[100, 800]] }),
            json!({ "disallowed_loss": 250, "allowed_loss": 0, "new_bases": [1050] }),
        ),
        (
            "ltcg_112a",
            json!({ "cost": 100, "fair_value_2018": 200, "sale": 150 }),
            json!({ "value": 0 }),
        ),
        (
            "split",
            json!({ "quantity": 10, "unit_cost": 6, "ratios": ["3:1"] }),
            json!({ "quantity": 30, "unit_cost": 2, "cost": 60 }),
        ),
    ] {
        let done = calc(&home, function, &input.to_string()).await;
        assert!(done.status.success(), "{function}: {done:?}");
        let found: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(found, expected, "{function}");
        assert!(done.stderr.is_empty());
    }
    let rate = calc(&home, "xirr", &flows.to_string()).await;
    let rate: Value = serde_json::from_slice(&rate.stdout).unwrap();
    assert!(rate["value"].to_string().starts_with("0.1"), "{rate}");
    let none = calc(
        &home,
        "xirr",
        r#"{"flows": [["2020-01-01", 1], ["2021-01-01", 1]]}"#,
    )
    .await;
    let none: Value = serde_json::from_slice(&none.stdout).unwrap();
    assert_eq!(none["value"], Value::Null);
    assert!(none["reason"].as_str().unwrap().contains("no rate"));
}

#[tokio::test]
async fn wrong_input_is_the_error_contract_and_status_2() {
    let home = Home::sqlite();
    for (input, error) in [
        ("", "malformed"),
        ("{\"rate\": 1}", "validation_error"),
        ("[1]", "validation_error"),
    ] {
        let refused = calc(&home, "pmt", input).await;
        assert_eq!(refused.status.code(), Some(2), "{input}");
        assert!(refused.stdout.is_empty());
        let body: Value = serde_json::from_slice(&refused.stderr).unwrap();
        assert_eq!(body["error"], error, "{input}: {body}");
        assert!(body["message"].is_string() && body.get("details").is_some());
    }
    assert_eq!(calc(&home, "guess", "{}").await.status.code(), Some(2));
    let mut help = home.command("wealthctl");
    help.args(["calc", "xirr", "--help"]);
    let help = help.output().await.unwrap();
    assert!(String::from_utf8_lossy(&help.stdout).contains("flows"));
}
