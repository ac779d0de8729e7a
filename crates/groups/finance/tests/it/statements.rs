//! Trial balance, profit and loss, balance sheet, cash flow, and rates of exchange.

use crate::setting::{Setting, id};
use serde_json::{Value, json};
use testkit::{Login, Reply};

async fn statement(setting: &Setting, login: &Login, name: &str) -> Reply {
    let path = format!("/api/v1/ledger/statements/{name}");
    setting.server.get(&path, &login.token).await
}

async fn rate(setting: &Setting, login: &Login, base: &str, quote: &str, date: &str, rate: &str) -> Reply {
    let body = json!({ "base": base, "quote": quote, "date": date, "rate": rate });
    setting.server.put("/api/v1/fx-rates", &login.token, &body).await
}

fn lines(value: &Value) -> Vec<String> {
    let line = |of: &Value| format!("{} {}", of["name"].as_str().unwrap(), of["amount"]);
    value.as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn statements_of_one_currency_agree_with_each_other() {
    let setting = Setting::new().await;
    let cash = setting.account(&setting.user, "INR").await;
    let opened = json!({ "name": "Card", "kind": "credit_card", "currency": "INR" });
    let card = setting
        .server
        .post("/api/v1/accounts", &setting.user.token, &opened)
        .await;
    for (kind, amount, category, date, account) in [
        ("income", "500", "opening_balance", "2025-12-01", &cash),
        ("income", "1000.50", "=salary", "2026-01-02", &cash),
        ("expense", "200.25", "food", "2026-01-10", &cash),
        ("expense", "50", "food", "2026-01-11", &card.body),
    ] {
        let body = json!({
            "type": kind, "amount": amount, "category": category, "date": date, "account_id": id(account),
        });
        setting.post(&setting.user, &body).await;
    }
    let trial = statement(&setting, &setting.user, "trial-balance").await;
    assert_eq!(trial.status, 200, "{}", trial.text);
    assert_eq!(trial["totals"][0]["debit"].to_string(), "1550.50");
    assert_eq!(trial["totals"][0]["credit"].to_string(), "1550.50");
    let before = statement(&setting, &setting.user, "trial-balance?as_of=2026-01-10").await;
    assert_eq!(before["totals"][0]["debit"].to_string(), "1500.50");

    let profit = statement(&setting, &setting.user, "profit-and-loss?from=2026-01-01").await;
    let section = &profit["sections"][0];
    assert_eq!(lines(&section["income"]), ["=salary 1000.50"]);
    assert_eq!(lines(&section["expenses"]), ["food 250.25"]);
    assert_eq!(section["net"].to_string(), "750.25");

    let sheet = statement(&setting, &setting.user, "balance-sheet").await;
    let section = &sheet["sections"][0];
    assert_eq!(lines(&section["assets"]), ["Everyday 1300.25"]);
    assert_eq!(lines(&section["liabilities"]), ["Card 50.00"]);
    assert_eq!(lines(&section["equity"]), ["opening_balance 500.00"]);
    assert_eq!(section["retained_earnings"].to_string(), "750.25");
    assert_eq!(section["total_equity"].to_string(), "1250.25");

    let flow = statement(&setting, &setting.user, "cash-flow?from=2026-01-01").await;
    let section = &flow["sections"][0];
    assert_eq!(section["opening_cash"].to_string(), "500.00");
    assert_eq!(section["net_operating"].to_string(), "800.25");
    assert_eq!(section["closing_cash"].to_string(), "1300.25");

    let csv = statement(
        &setting,
        &setting.user,
        "profit-and-loss?from=2026-01-01&format=csv",
    )
    .await;
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    assert!(
        csv.text
            .contains("INR,income,income:=salary,'=salary,1000.50\r\n"),
        "{}",
        csv.text
    );
    let path = "/api/v1/financial-report?format=csv";
    let report = setting.server.get(path, &setting.user.token).await;
    assert!(
        report.text.contains("INR,category,'=salary,1000.50,,\r\n"),
        "{}",
        report.text
    );

    for name in ["trial-balance", "profit-and-loss", "balance-sheet", "cash-flow"] {
        let foreign = format!("{name}?user_id={}", setting.user.user());
        statement(&setting, &setting.client, &foreign)
            .await
            .assert_error(404, "not_found");
        let wrong = format!("{name}?format=pdf");
        assert_eq!(
            statement(&setting, &setting.user, &wrong).await.fields(),
            ["format"]
        );
        let unknown = format!("{name}?currency=XYZ");
        assert_eq!(
            statement(&setting, &setting.user, &unknown).await.fields(),
            ["currency"]
        );
    }
}

/// 100 dollars come in at 80, 40 of them are sold at 85, and a dollar is worth 90 in the end: 200 are realised, and
/// 60 × 10 are not.
#[tokio::test]
async fn gains_on_foreign_currency_are_realised_when_it_is_sold() {
    let setting = Setting::new().await;
    let rupees = setting.account(&setting.user, "INR").await;
    let dollars = setting.account(&setting.user, "USD").await;
    for (date, value) in [("2026-01-01", "80"), ("2026-01-05", "85"), ("2026-01-10", "90")] {
        assert_eq!(
            rate(&setting, &setting.advisor, "USD", "INR", date, value)
                .await
                .status,
            200
        );
    }
    let income = json!({
        "type": "income", "amount": 100, "category": "salary", "date": "2026-01-01", "account_id": id(&dollars),
    });
    setting.post(&setting.user, &income).await;
    let sale = json!({
        "type": "transfer", "amount": 40, "date": "2026-01-06", "account_id": id(&dollars),
        "to_account_id": id(&rupees),
    });
    let sold = setting.post(&setting.user, &sale).await;
    assert_eq!(sold["data"]["received_amount"].to_string(), "3400.00");
    let sheet = statement(
        &setting,
        &setting.user,
        "balance-sheet?currency=INR&as_of=2026-01-12",
    )
    .await;
    assert_eq!(sheet.status, 200, "{}", sheet.text);
    let section = &sheet["sections"][0];
    let figures = [
        "total_assets",
        "retained_earnings",
        "realised_fx_gain",
        "unrealised_fx_gain",
        "total_equity",
    ]
    .map(|name| section[name].to_string());
    assert_eq!(figures, ["8800.00", "8000.00", "200.00", "600.00", "8800.00"]);
    let profit = statement(
        &setting,
        &setting.user,
        "profit-and-loss?currency=INR&to=2026-01-12",
    )
    .await;
    assert_eq!(profit["sections"][0]["net"].to_string(), "8000.00");
    let unknown = statement(&setting, &setting.user, "balance-sheet?currency=EUR").await;
    assert_eq!(
        unknown.assert_error(422, "validation_error").fields(),
        ["currency"]
    );
    let by_currency = statement(&setting, &setting.user, "trial-balance").await;
    for total in by_currency["totals"].as_array().unwrap() {
        assert_eq!(total["debit"], total["credit"]);
    }
}

#[tokio::test]
async fn rates_are_dated_checked_and_kept_by_those_who_may() {
    let setting = Setting::new().await;
    let put = async |login: &Login, base: &str, quote: &str, value: &str| {
        rate(&setting, login, base, quote, "2026-01-05", value).await
    };
    put(&setting.user, "USD", "INR", "80")
        .await
        .assert_error(403, "forbidden");
    for (base, quote, value, field) in [
        ("USD", "USD", "1", "quote"),
        ("USD", "INR", "0", "rate"),
        ("USD", "INR", "-1", "rate"),
        ("USD", "INR", "1000000000", "rate"),
        ("USD", "INR", "0.0000000000001", "rate"),
        ("USD", "INR", "NaN", "rate"),
        ("XYZ", "INR", "1", "base"),
    ] {
        let refused = put(&setting.admin, base, quote, value).await;
        assert_eq!(
            refused.assert_error(422, "validation_error").fields(),
            [field],
            "{base} {quote} {value}"
        );
    }
    let kept = put(&setting.admin, "USD", "INR", "83.25").await;
    assert_eq!(
        (kept.status, kept["rate"].to_string().as_str()),
        (200, "83.25"),
        "{}",
        kept.text
    );
    let replaced = put(&setting.advisor, "USD", "INR", "84").await;
    assert_eq!((&replaced["id"], &replaced["version"]), (&kept["id"], &json!(2)));
    let list = |query: &str| {
        let path = format!("/api/v1/fx-rates{query}");
        async { setting.server.get(&{ path }, &setting.user.token).await }
    };
    assert_eq!(
        list("?base=USD&quote=INR&to=2026-01-05")
            .await
            .body
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(list("?from=2026-01-06").await.body, json!([]));
    assert_eq!(list("?base=USD").await.fields(), ["quote"]);
}
