use crate::{
    imports::STATEMENT,
    setting::{NOBODY, Setting, id},
};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::Login;

async fn report(setting: &Setting, login: &Login, query: &str) -> Value {
    let path = format!("/api/v1/financial-report?{query}");
    let reply = setting.server.get(&path, &login.token).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.body
}

/// `opening_balance`, `total_income`, `total_expenses`, `net`, `closing_balance`.
fn figures(report: &Value) -> [String; 5] {
    [
        "opening_balance",
        "total_income",
        "total_expenses",
        "net",
        "closing_balance",
    ]
    .map(|field| report[field].to_string())
}

#[tokio::test]
async fn categories_and_bounds_are_exact_to_the_cent() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    for (kind, amount, category, date) in [
        ("income", "100.10", "Salary", "2025-12-31"),
        ("income", "200.20", "salary", "2026-01-01"),
        ("expense", "0.10", "Food", "2026-01-10"),
        ("expense", "0.20", "FOOD", "2026-01-31"),
        ("expense", "50.05", "Rent", "2026-02-01"),
    ] {
        let body = json!({
            "type": kind, "amount": amount, "category": category, "date": date, "account_id": id(&account),
        });
        setting.post(&setting.user, &body).await;
    }
    let all = report(&setting, &setting.user, "").await;
    assert_eq!(figures(&all), ["0.00", "300.30", "50.35", "249.95", "249.95"]);
    assert_eq!(
        (&all["transactions"], &all["currency"]),
        (&json!(5), &json!("INR"))
    );
    let categories: Vec<String> = all["by_category"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sum| format!("{} {} {}", sum["type"], sum["category"], sum["amount"]))
        .collect();
    assert_eq!(
        categories,
        [
            "\"income\" \"salary\" 300.30",
            "\"expense\" \"rent\" 50.05",
            "\"expense\" \"food\" 0.30",
        ]
    );
    for (query, expected, count) in [
        (
            "from=2026-01-01&to=2026-01-31",
            ["100.10", "200.20", "0.30", "199.90", "300.00"],
            3,
        ),
        (
            "from=2026-01-02&to=2026-01-30",
            ["300.30", "0.00", "0.10", "-0.10", "300.20"],
            1,
        ),
        (
            "from=2026-01-31&to=2026-01-31",
            ["300.20", "0.00", "0.20", "-0.20", "300.00"],
            1,
        ),
        ("from=2026-02-02", ["249.95", "0.00", "0.00", "0.00", "249.95"], 0),
        ("to=2025-12-30", ["0.00", "0.00", "0.00", "0.00", "0.00"], 0),
    ] {
        let part = report(&setting, &setting.user, query).await;
        assert_eq!(figures(&part), expected, "{query}");
        assert_eq!(part["transactions"], count, "{query}");
    }
    let reply = setting
        .server
        .get(
            "/api/v1/financial-report?from=2026-02-01&to=2026-01-01",
            &setting.user.token,
        )
        .await;
    assert_eq!(reply.assert_error(422, "validation_error").fields(), ["to"]);
}

#[tokio::test]
async fn the_months_of_a_statement_add_up_to_what_the_bank_says() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    setting
        .import(&setting.user, &account, "", STATEMENT.as_bytes())
        .await;
    let mut expected: BTreeMap<&str, (Decimal, Decimal, Decimal)> = BTreeMap::new();
    for line in STATEMENT.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let amount: Decimal = cells[2].parse().unwrap();
        let month = expected.entry(&cells[0][..7]).or_default();
        let side = if amount.is_sign_negative() {
            &mut month.1
        } else {
            &mut month.0
        };
        *side += amount.abs();
        month.2 = cells[3].parse().unwrap();
    }
    let expected: Vec<String> = expected
        .into_iter()
        .map(|(month, (income, expenses, closing))| {
            format!("\"{month}\" {income:.2} {expenses:.2} {closing:.2}")
        })
        .collect();
    let query = format!("account_id={}", id(&account));
    let report = report(&setting, &setting.user, &query).await;
    let months: Vec<String> = report["by_month"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sum| {
            ["month", "income", "expenses", "closing_balance"]
                .map(|field| sum[field].to_string())
                .join(" ")
        })
        .collect();
    assert_eq!(months, expected);
    assert_eq!(report["closing_balance"].to_string(), "624.39");
    assert_eq!(report["statement_opening_balance"].to_string(), "3061.69");
    assert_eq!(
        (&report["transactions"], &report["currency"]),
        (&json!(200), &json!("USD"))
    );
}

#[tokio::test]
async fn currencies_are_never_added() {
    let setting = Setting::new().await;
    for (amount, currency) in [("10.00", "INR"), ("3", "JPY")] {
        let body = json!({ "type": "income", "amount": amount, "currency": currency });
        setting.post(&setting.user, &body).await;
    }
    let both = report(&setting, &setting.user, "").await;
    assert_eq!(
        (both["currency"].as_str(), both["net"].to_string().as_str()),
        (Some("INR"), "10.00")
    );
    assert_eq!(both["other_currencies"][0]["currency"], "JPY");
    assert_eq!(both["other_currencies"][0]["net"].to_string(), "3");
    let yen = report(&setting, &setting.user, "currency=JPY").await;
    assert_eq!(
        (yen["net"].to_string().as_str(), &yen["other_currencies"]),
        ("3", &json!([]))
    );
}

#[tokio::test]
async fn somebody_elses_report_is_not_found() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.client, "INR").await;
    let of_client = format!("user_id={}", setting.client.user());
    for login in [&setting.client, &setting.advisor, &setting.admin] {
        report(&setting, login, &of_client).await;
    }
    let of_account = format!("account_id={}", id(&account));
    for (login, queries) in [
        (&setting.user, [&of_client, &of_account]),
        (&setting.other_advisor, [&of_client, &of_account]),
        (
            &setting.admin,
            [&format!("user_id={NOBODY}"), &format!("account_id={NOBODY}")],
        ),
    ] {
        for query in queries {
            let path = format!("/api/v1/financial-report?{query}");
            let refused = setting.server.get(&path, &login.token).await;
            refused.assert_error(404, "not_found");
        }
    }
}
