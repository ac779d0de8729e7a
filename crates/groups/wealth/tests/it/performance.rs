use crate::setting::{NOBODY, Setting};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Ten shares at 100 on 1 January 2025; ten more at 120 on 1 July; 150 each at the end of the year.
async fn invested(setting: &Setting) -> Value {
    let user = &setting.user;
    setting.instrument("AAA", "equity", "tech").await;
    for (date, price) in [
        ("2025-01-01", "100"),
        ("2025-06-30", "120"),
        ("2025-12-31", "150"),
    ] {
        setting.quote("AAA", date, price).await;
    }
    let portfolio = setting.portfolio(user, "fifo").await;
    for (date, amount, price) in [("2025-01-01", 1000, 100), ("2025-07-01", 1200, 120)] {
        setting
            .entered(
                user,
                &portfolio,
                &json!({ "kind": "deposit", "amount": amount, "date": date }),
            )
            .await;
        let buy = json!({ "kind": "buy", "symbol": "AAA", "quantity": 10, "price": price, "date": date });
        setting.entered(user, &portfolio, &buy).await;
    }
    portfolio
}

fn close(figure: &Value, expected: f64) {
    let value: Decimal = figure["value"].to_string().parse().unwrap();
    let expected = Decimal::try_from(expected).unwrap();
    assert!(
        (value - expected).abs() < Decimal::new(1, 6),
        "{figure} {expected}"
    );
}

#[tokio::test]
async fn returns_are_those_of_the_definitions() {
    let setting = Setting::new().await;
    let portfolio = invested(&setting).await;
    let what = "/performance?from=2025-01-01&to=2025-12-31";
    let found = setting.read(&setting.user, &portfolio, what).await;
    // 1.2 * 1.25: the second payment changes nothing of it.
    close(&found["time_weighted_return"], 0.5);
    // (3000 - 1000 - 1200) / (1000 + 1200 * (364 - 180) / 364)
    close(
        &found["modified_dietz"],
        800.0 / (1000.0 + 1200.0 * 184.0 / 364.0),
    );
    let rate: f64 = found["money_weighted_return"]["value"]
        .to_string()
        .parse()
        .unwrap();
    let worth =
        -1000.0 - 1200.0 / (1.0 + rate).powf(181.0 / 365.0) + 3000.0 / (1.0 + rate).powf(364.0 / 365.0);
    assert!(worth.abs() < 1e-4, "{rate} {worth}");
    assert_eq!(found["inputs"]["end_value"].to_string(), "3000");
    assert_eq!(
        found["inputs"]["flows"],
        json!([{ "date": "2025-07-01", "amount": 1200 }])
    );
    assert!(
        found["time_weighted_return"]["formula"]
            .as_str()
            .unwrap()
            .contains("start of the day")
    );
    assert_eq!(found["max_drawdown"]["value"].to_string(), "0");
    assert_eq!(found["beta"]["reason"], "no benchmark was named");
}

#[tokio::test]
async fn a_holding_and_an_account_are_measured_alone_and_against_a_benchmark() {
    let setting = Setting::new().await;
    let portfolio = invested(&setting).await;
    let user = &setting.user;
    let idle = json!({ "kind": "deposit", "amount": 100_000, "date": "2025-01-01" });
    setting.entered(user, &portfolio, &idle).await;
    let days = "from=2025-01-01&to=2025-12-31";
    let whole = setting
        .read(user, &portfolio, &format!("/performance?{days}"))
        .await;
    let holding = setting
        .read(
            user,
            &portfolio,
            &format!("/performance?{days}&symbol=AAA&benchmark=AAA"),
        )
        .await;
    close(&holding["time_weighted_return"], 0.5);
    close(&holding["beta"], 1.0);
    close(&holding["benchmark_return"], 0.5);
    let rate: f64 = whole["time_weighted_return"]["value"]
        .to_string()
        .parse()
        .unwrap();
    assert!(rate < 0.01, "idle cash earns nothing: {whole}");
    let account = portfolio["accounts"][0]["id"].as_str().unwrap();
    let path = format!("/performance?{days}&account_id={account}");
    let of_account = setting.read(user, &portfolio, &path).await;
    assert_eq!(of_account["time_weighted_return"], whole["time_weighted_return"]);
    let values = setting
        .read(user, &portfolio, "/valuations?from=2025-12-30&to=2025-12-31")
        .await;
    assert_eq!(values[1]["value"].to_string(), "103000.00", "{values}");
}

#[tokio::test]
async fn what_has_no_answer_says_why() {
    let setting = Setting::new().await;
    let portfolio = setting.portfolio(&setting.user, "fifo").await;
    let found = setting.read(&setting.user, &portfolio, "/performance").await;
    for figure in [
        "time_weighted_return",
        "money_weighted_return",
        "volatility",
        "value_at_risk",
    ] {
        assert_eq!(found[figure]["value"], json!(null), "{figure}");
        assert!(found[figure]["reason"].is_string(), "{figure}");
    }
    let path = |rest: &str| format!("{}/performance?{rest}", crate::setting::place(&portfolio));
    let token = setting.user.token.as_str();
    let account = path(&format!("account_id={NOBODY}"));
    setting
        .server
        .get(&account, token)
        .await
        .assert_error(404, "not_found");
    for wrong in [
        "from=1900-01-01",
        "from=2026-01-10&to=2026-01-01",
        "risk_free_rate=7",
        "from=never",
    ] {
        let refused = setting.server.get(&path(wrong), token).await;
        refused.assert_error(422, "validation_error");
    }
    let stranger = setting.server.get(&path(""), &setting.other_advisor.token).await;
    stranger.assert_error(404, "not_found");
}
