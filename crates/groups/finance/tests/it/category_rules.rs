//! Categories by rules.

use crate::setting::{Setting, id};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Login, Reply};

const PLACE: &str = "/api/v1/transactions/category-rules";

const STATEMENT: &str = "Date,Description,Amount\n2026-01-01,Opening Balance,100\n2026-01-05,Café am Markt,-3.50\n\
                         2026-01-05,Cafe Tip,-0.50\n2026-01-06,Rent,-2400.00\n2026-01-31,Payroll,5000\n2026-01-31,Other,-1\n";

fn rules() -> Value {
    json!({ "rules": [
        { "category": "Tips", "contains": "cafe", "amount_to": 1 },
        { "category": "Food", "contains": "CAFÉ", "type": "expense" },
        { "category": "Rent", "equals": "rent", "amount_from": 1000 },
        { "category": "Wages", "type": "income", "amount_from": 4000 }
    ] })
}

async fn put(setting: &Setting, login: &Login, query: &str, version: Option<u64>, rules: &Value) -> Reply {
    let request = setting
        .server
        .request(Method::PUT, &format!("{PLACE}{query}"), Some(&login.token));
    let request = match version {
        Some(version) => request.header("If-Match", format!("\"{version}\"")),
        None => request,
    };
    setting.server.send(request.json(rules)).await
}

async fn categories(setting: &Setting, login: &Login, account: &Value) -> Vec<String> {
    let path = format!("/api/v1/financial-report?account_id={}", id(account));
    let report = setting.server.get(&path, &login.token).await;
    let mut found: Vec<String> = report["by_category"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sum| format!("{} {}", sum["category"].as_str().unwrap(), sum["amount"]))
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn rules_give_categories_to_the_rows_of_a_statement_in_their_order() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.client, "INR").await;
    // The advisor declares them for the client.
    let query = format!("?user_id={}", setting.client.user());
    let saved = put(&setting, &setting.advisor, &query, None, &rules()).await;
    assert_eq!(
        (saved.status, &saved["version"]),
        (200, &json!(1)),
        "{}",
        saved.text
    );
    let read = setting
        .import(&setting.client, &account, "", STATEMENT.as_bytes())
        .await;
    assert_eq!(read["imported"], 6, "{}", read.text);
    assert_eq!(
        categories(&setting, &setting.client, &account).await,
        [
            "food 3.50",
            "opening_balance 100.00",
            "rent 2400.00",
            "tips 0.50",
            "uncategorised 1.00",
            "wages 5000.00"
        ]
    );
    put(&setting, &setting.client, "", Some(7), &rules())
        .await
        .assert_error(412, "precondition_failed");
    let reversed = json!({ "rules": [] });
    assert_eq!(
        put(&setting, &setting.client, "", Some(1), &reversed).await["version"],
        2
    );
    for stranger in [&setting.user, &setting.other_advisor] {
        put(&setting, stranger, &query, None, &rules())
            .await
            .assert_error(404, "not_found");
        let path = format!("{PLACE}{query}");
        setting
            .server
            .get(&path, &stranger.token)
            .await
            .assert_error(404, "not_found");
    }
    for (rule, field) in [
        (json!({ "category": "x" }), "rules[0].contains"),
        (json!({ "category": "", "contains": "x" }), "rules[0].category"),
        (
            json!({ "category": "x", "amount_from": 2, "amount_to": 1 }),
            "rules[0].amount_to",
        ),
        (
            json!({ "category": "x", "contains": "x", "regex": "x" }),
            "rules[0].regex",
        ),
    ] {
        let refused = put(&setting, &setting.user, "", None, &json!({ "rules": [rule] })).await;
        assert_eq!(
            refused.assert_error(422, "validation_error").fields(),
            [field],
            "{}",
            refused.text
        );
    }
}

#[tokio::test]
async fn a_preview_tells_what_rules_would_do_and_does_nothing() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.client, "INR").await;
    let read = setting
        .import(&setting.client, &account, "", STATEMENT.as_bytes())
        .await;
    assert_eq!(read["imported"], 6, "{}", read.text);
    let before = categories(&setting, &setting.client, &account).await;
    let mut run = rules();
    run["user_id"] = json!(setting.client.user());
    let preview = setting
        .server
        .post(&format!("{PLACE}/preview"), &setting.advisor.token, &run)
        .await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    assert_eq!(
        (&preview["looked_at"], &preview["fitting"], &preview["by_rule"]),
        (&json!(5), &json!(4), &json!([1, 1, 1, 1]))
    );
    let shown = preview["rows"].as_array().unwrap();
    let rent = shown.iter().find(|row| row["description"] == "Rent").unwrap();
    assert_eq!((&rent["category"], &rent["rule"]), (&json!("rent"), &json!(3)));
    assert_eq!(categories(&setting, &setting.client, &account).await, before);
    let refused = setting
        .server
        .post(&format!("{PLACE}/preview"), &setting.user.token, &run)
        .await;
    refused.assert_error(404, "not_found");
}

#[tokio::test]
async fn rules_are_applied_once_to_what_has_no_category() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.client, "INR").await;
    let import = async || {
        setting
            .import(&setting.client, &account, "", STATEMENT.as_bytes())
            .await
    };
    assert_eq!(import().await["imported"], 6);
    let balance = setting.balance(&setting.client, &account).await;
    put(&setting, &setting.client, "", None, &rules()).await;
    let apply = async |login: &Login, body: Value| {
        let place = format!("{PLACE}/apply");
        setting.server.post(&place, &login.token, &body).await
    };
    let tried = apply(&setting.client, rules()).await;
    assert_eq!(tried.assert_error(422, "validation_error").fields(), ["rules"]);
    let whose = json!({ "user_id": setting.client.user() });
    apply(&setting.user, whose.clone())
        .await
        .assert_error(404, "not_found");
    for changed in [4, 0] {
        let applied = apply(&setting.advisor, whose.clone()).await;
        assert_eq!(
            (applied.status, &applied["changed"]),
            (200, &json!(changed)),
            "{}",
            applied.text
        );
    }
    let found = categories(&setting, &setting.client, &account).await;
    let moved: Vec<&str> = found
        .iter()
        .map(String::as_str)
        .filter(|sum| !sum.ends_with(" 0.00"))
        .collect();
    assert_eq!(
        moved,
        [
            "food 3.50",
            "opening_balance 100.00",
            "rent 2400.00",
            "tips 0.50",
            "uncategorised 1.00",
            "wages 5000.00"
        ]
    );
    assert_eq!(setting.balance(&setting.client, &account).await, balance);
    assert_eq!(import().await["duplicates"], 6);
}
