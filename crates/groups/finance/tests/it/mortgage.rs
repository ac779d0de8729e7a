use crate::setting::Setting;
use serde_json::{Value, json};
use testkit::Reply;

async fn calculate(setting: &Setting, body: &Value) -> Reply {
    let token = setting.user.token.as_str();
    setting
        .server
        .post("/api/v1/mortgage/calculate", token, body)
        .await
}

/// A sample of the US Consumer Financial Protection Bureau: 162,000 at 3.875% over 30 years is 761.78 a month.
#[tokio::test]
async fn a_mortgage_has_its_instalment_its_rate_and_every_line() {
    let setting = Setting::new().await;
    let body = json!({
        "principal": "162000", "annual_rate": 0.03875, "term_months": 360, "start_date": "2026-01-31", "currency": "USD"
    });
    let found = calculate(&setting, &body).await;
    assert_eq!(found.status, 200, "{}", found.text);
    assert_eq!(found["payment"].to_string(), "761.78");
    assert_eq!(found["payoff_date"], "2056-01-31");
    let lines = found["schedule"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["date"]), (360, &json!("2026-02-28")));
    assert_eq!(lines[0]["interest"].to_string(), "523.13");
    assert_eq!(lines[359]["balance"].to_string(), "0.00");
    assert!(found["apr"].to_string().starts_with("0.0387"), "{}", found["apr"]);
}

#[tokio::test]
async fn fees_raise_the_rate_and_extra_payments_end_the_loan_early() {
    let setting = Setting::new().await;
    let mut body = json!({
        "principal": 100000, "annual_rate": 0.06, "term_months": 360, "start_date": "2026-01-01", "currency": "USD",
        "fees": 2000
    });
    let plain = calculate(&setting, &body).await;
    assert!(
        plain["apr"].to_string().starts_with("0.06189"),
        "{}",
        plain["apr"]
    );
    assert_eq!(plain["fees"].to_string(), "2000.00");
    body["extra_payment_monthly"] = json!(100);
    body["extra_payments"] = json!([{ "date": "2027-06-15", "amount": 10000 }]);
    let quicker = calculate(&setting, &body).await;
    assert_eq!(quicker["payment"], plain["payment"]);
    assert_eq!(quicker["apr"], plain["apr"]);
    let lines = quicker["schedule"].as_array().unwrap();
    assert!(lines.len() < 240, "{}", lines.len());
    assert_eq!(lines[0]["payment"].to_string(), "699.55");
    // The first instalment after 15 June.
    assert_eq!(lines[17]["date"], "2027-07-01");
    assert_eq!(lines[17]["payment"].to_string(), "10699.55");
}

#[tokio::test]
async fn a_rate_of_0_a_single_month_and_other_frequencies_work() {
    let setting = Setting::new().await;
    let free = json!({ "principal": 1000, "annual_rate": 0, "term_months": 3 });
    let free = calculate(&setting, &free).await;
    assert_eq!(free["currency"], "INR");
    assert_eq!(free["apr"].to_string(), "0");
    assert_eq!(free["schedule"][2]["payment"].to_string(), "333.34");
    let short =
        json!({ "principal": 1000, "annual_rate": "0.12", "term_months": 1, "interest_only_months": 0 });
    let short = calculate(&setting, &short).await;
    assert_eq!(short["total_paid"].to_string(), "1010.00");
    let weekly = json!({
        "principal": 5200, "annual_rate": 0.052, "term_months": 12, "payment_frequency": "weekly",
        "day_count": "actual/365", "interest_only_months": 6, "start_date": "2026-01-01", "currency": "JPY"
    });
    let weekly = calculate(&setting, &weekly).await;
    assert_eq!(weekly.status, 200, "{}", weekly.text);
    let lines = weekly["schedule"].as_array().unwrap();
    assert_eq!(
        (lines.len(), lines[25]["balance"].to_string().as_str()),
        (52, "5200")
    );
    assert_eq!(lines[0]["payment"].to_string(), "5");
}

#[tokio::test]
async fn what_is_senseless_is_refused_by_name() {
    let setting = Setting::new().await;
    for (field, value) in [
        ("principal", json!(0)),
        ("principal", json!(-5)),
        ("principal", json!("1".repeat(40))),
        ("principal", json!("NaN")),
        ("principal", json!(1.001)),
        ("annual_rate", json!(6.5)),
        ("annual_rate", json!(-0.01)),
        ("term_months", json!(0)),
        ("term_months", json!(1201)),
        ("term_months", json!(1.5)),
        ("extra_payment_monthly", json!(-1)),
        ("fees", json!(1000)),
        ("start_date", json!("2200-01-01")),
        ("payment_frequency", json!("hourly")),
        ("day_count", json!("30/365")),
        ("interest_only_months", json!(12)),
        ("currency", json!("XYZ")),
        ("colour", json!("red")),
    ] {
        let mut body = json!({ "principal": 1000, "annual_rate": 0.05, "term_months": 12 });
        body[field] = value.clone();
        let refused = calculate(&setting, &body).await;
        let named = refused.assert_error(422, "validation_error").fields();
        assert_eq!(named, [field], "{value}");
    }
    let mut body =
        json!({ "principal": 1000, "annual_rate": 0.05, "term_months": 12, "start_date": "2026-01-01" });
    body["extra_payments"] = json!([{ "date": "2025-12-31", "amount": 1 }]);
    let refused = calculate(&setting, &body).await;
    assert_eq!(refused.fields(), ["extra_payments[0].date"]);
    let quarters =
        json!({ "principal": 1, "annual_rate": 0, "term_months": 7, "payment_frequency": "quarterly" });
    assert_eq!(calculate(&setting, &quarters).await.fields(), ["term_months"]);
}

#[tokio::test]
async fn scenarios_are_compared_with_the_first() {
    let setting = Setting::new().await;
    let token = setting.user.token.as_str();
    let terms = |months: u32, rate: &str| json!({ "principal": 100000, "annual_rate": rate, "term_months": months, "currency": "USD" });
    let mut body = json!({ "scenarios": [
        { "name": "30 years", "mortgage": terms(360, "0.06") },
        { "name": "15 years", "mortgage": terms(180, "0.055") },
    ] });
    let compared = setting
        .server
        .post("/api/v1/mortgage/compare", token, &body)
        .await;
    assert_eq!(compared.status, 200, "{}", compared.text);
    assert_eq!(compared["cheapest"], "15 years");
    assert_eq!(compared["scenarios"][0]["saved"].to_string(), "0");
    assert_eq!(compared["scenarios"][1]["instalments"], 180);
    body["scenarios"][1]["mortgage"]["term_months"] = json!(0);
    let refused = setting
        .server
        .post("/api/v1/mortgage/compare", token, &body)
        .await;
    assert_eq!(refused.fields(), ["scenarios[1].mortgage.term_months"]);
    body["scenarios"] = json!([]);
    let refused = setting
        .server
        .post("/api/v1/mortgage/compare", token, &body)
        .await;
    assert_eq!(refused.fields(), ["scenarios"]);
}

#[tokio::test]
async fn what_can_be_afforded_follows_the_lower_ratio() {
    let setting = Setting::new().await;
    let token = setting.user.token.as_str();
    let mut body = json!({
        "monthly_income": 10000, "monthly_debts": 500, "annual_rate": 0, "term_months": 100, "currency": "USD",
        "down_payment": 20000
    });
    let found = setting
        .server
        .post("/api/v1/mortgage/affordability", token, &body)
        .await;
    assert_eq!(found["payment"].to_string(), "2800.00");
    assert_eq!(found["principal"].to_string(), "280000.00");
    assert_eq!(found["price"].to_string(), "300000.00");
    assert_eq!(found["limited_by"], "housing_ratio");
    body["monthly_debts"] = json!(5000);
    let found = setting
        .server
        .post("/api/v1/mortgage/affordability", token, &body)
        .await;
    assert_eq!(
        (found["payment"].to_string(), &found["limited_by"]),
        ("0.00".to_owned(), &json!("debt_ratio"))
    );
    body["housing_ratio"] = json!(28);
    let refused = setting
        .server
        .post("/api/v1/mortgage/affordability", token, &body)
        .await;
    assert_eq!(refused.fields(), ["housing_ratio"]);
}
