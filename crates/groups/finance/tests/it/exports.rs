//! What is exported reads back to the same figures.

use crate::setting::{Setting, id};
use proptest::{
    collection::vec,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use testkit::Login;

const TYPES: [(&str, &str); 3] = [
    ("csv", "text/csv"),
    ("ofx", "application/x-ofx"),
    ("qif", "application/x-qif"),
];

async fn exported(setting: &Setting, login: &Login, account: &Value, format: &str) -> String {
    let path = format!(
        "/api/v1/transactions/export?account_id={}&format={format}",
        id(account)
    );
    let file = setting.server.get(&path, &login.token).await;
    assert_eq!(file.status, 200, "{}", file.text);
    file.text
}

async fn report(setting: &Setting, login: &Login, account: &Value) -> Value {
    let path = format!("/api/v1/financial-report?account_id={}", id(account));
    let mut report = setting.server.get(&path, &login.token).await.body;
    report["account_id"] = Value::Null;
    report
}

/// Any transactions that can be posted, with texts that formats could trip over.
fn transactions() -> impl Strategy<Value = Vec<Value>> {
    let texts = [
        "Coffee",
        "=1+1",
        "@SUM(A1)",
        "-2+3|x",
        "'quoted'",
        "a, \"b\"; c",
        "<NAME>AT&T &amp; co",
        "Opening balance",
        "^",
        "!Type:Bank",
        "Café ₹ 日本",
        "a name of more than thirty-two letters, with more behind it",
        "",
    ];
    let categories = ["food", "", "a/b", "[x]", "opening_balance", "=x"];
    let one = (
        0_u32..28,
        1_i64..500_000,
        0..texts.len(),
        0..categories.len(),
        0_u8..2,
    );
    vec(one, 1..25).prop_map(move |rows| {
        rows.into_iter()
            .map(|(day, cents, text, category, kind)| {
                let mut body = json!({
                    "type": if kind == 0 { "income" } else { "expense" },
                    "amount": format!("{}.{:02}", cents / 100, cents % 100),
                    "description": texts[text], "date": format!("2026-01-{:02}", day + 1),
                });
                if !categories[category].is_empty() {
                    body["category"] = json!(categories[category]);
                }
                body
            })
            .collect()
    })
}

#[tokio::test]
async fn an_export_of_any_account_reads_back_to_the_same_figures() {
    let setting = Setting::new().await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..6 {
        let account = setting.account(&setting.user, "INR").await;
        for mut body in transactions().new_tree(&mut runner).unwrap().current() {
            body["account_id"] = account["id"].clone();
            let posted = setting
                .server
                .post("/api/v1/transactions", &setting.user.token, &body)
                .await;
            assert_eq!(posted.status, 200, "{}", posted.text);
        }
        let balance = setting.balance(&setting.user, &account).await;
        let count = setting.count(&setting.user, &account).await;
        for (format, media_type) in TYPES {
            let file = exported(&setting, &setting.user, &account, format).await;
            // Into the account that it came from: nothing is new.
            let again = setting
                .import_as(&setting.user, &account, media_type, "", file.clone())
                .await;
            assert_eq!(
                (&again["imported"], &again["duplicates"]),
                (&json!(0), &json!(count)),
                "{format}: {}\n{file}",
                again.text
            );
            let empty = setting.account(&setting.user, "INR").await;
            for imported in [count, 0] {
                let read = setting
                    .import_as(&setting.user, &empty, media_type, "", file.clone())
                    .await;
                assert_eq!(read["imported"], imported, "{format}: {}\n{file}", read.text);
            }
            assert_eq!(setting.balance(&setting.user, &empty).await, balance, "{format}");
            if format == "csv" {
                let [ours, theirs] = [
                    report(&setting, &setting.user, &empty).await,
                    report(&setting, &setting.user, &account).await,
                ];
                assert_eq!(ours, theirs, "{file}");
                assert_eq!(
                    exported(&setting, &setting.user, &empty, format)
                        .await
                        .lines()
                        .count(),
                    count + 1
                );
            }
        }
    }
}

#[tokio::test]
async fn an_exported_cell_is_no_formula() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    for text in ["=HYPERLINK(\"http://x\")", "@SUM(A1)", "+1", "-1+2"] {
        let body = json!({
            "type": "expense", "amount": 5, "description": text, "account_id": account["id"], "category": text
        });
        let posted = setting
            .server
            .post("/api/v1/transactions", &setting.user.token, &body)
            .await;
        assert_eq!(posted.status, 200, "{}", posted.text);
    }
    let file = exported(&setting, &setting.user, &account, "csv").await;
    for row in file.lines().skip(1) {
        for cell in row.split(',') {
            let cell = cell.trim_start_matches('"');
            let number = cell.parse::<f64>().is_ok();
            assert!(number || !cell.starts_with(['=', '+', '-', '@']), "{row}");
        }
    }
}

#[tokio::test]
async fn only_who_sees_an_account_exports_it() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.client, "INR").await;
    let path = format!("/api/v1/transactions/export?account_id={}", id(&account));
    for login in [&setting.client, &setting.advisor, &setting.admin] {
        let file = setting.server.get(&path, &login.token).await;
        assert_eq!(
            file.text,
            "Date,Description,Amount,Currency,Category,Tags,Transaction Id\n"
        );
        assert!(
            file.header("content-disposition")
                .unwrap()
                .starts_with("attachment")
        );
    }
    for stranger in [&setting.user, &setting.other_advisor] {
        setting
            .server
            .get(&path, &stranger.token)
            .await
            .assert_error(404, "not_found");
    }
    let wrong = format!("{path}&from=2026-02-01&to=2026-01-01");
    let refused = setting.server.get(&wrong, &setting.client.token).await;
    assert_eq!(refused.assert_error(422, "validation_error").fields(), ["to"]);
}
