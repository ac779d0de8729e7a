use crate::setting::{Setting, id};
use serde_json::json;

#[tokio::test]
async fn symbols_are_analysed_each_and_together() {
    let setting = Setting::new().await;
    let token = setting.user.token.as_str();
    setting.instrument("AAPL", "equity", "tech").await;
    for (date, price) in [("2026-01-12", "100"), ("2026-01-13", "110"), ("2026-01-14", "99")] {
        setting.quote("AAPL", date, price).await;
    }
    let analyze = |body: serde_json::Value| {
        let server = &setting.server;
        async move { server.post("/api/v1/portfolio/analyze", token, &body).await }
    };
    let found = analyze(json!({ "symbols": ["AAPL", "GOOGL"] })).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let metrics = &found["symbols"][0]["metrics"];
    assert_eq!(
        metrics["cumulative_return"].to_string(),
        "-0.01",
        "{}",
        found.text
    );
    assert_eq!(metrics["max_drawdown"].to_string(), "-0.1");
    assert_eq!(
        (
            &found["symbols"][1]["known"],
            &found["symbols"][1]["metrics"]["sharpe"]
        ),
        (&json!(false), &json!(null))
    );
    assert_eq!(found["total"]["cumulative_return"].to_string(), "-0.01");
    analyze(json!({ "symbols": [] }))
        .await
        .assert_error(422, "validation_error");
    analyze(json!({})).await.assert_error(422, "validation_error");
}

#[tokio::test]
async fn an_analysis_has_figures_reasons_and_words() {
    let setting = Setting::new().await;
    let user = &setting.user;
    setting.instrument("AAA", "equity", "tech").await;
    let portfolio = setting.portfolio(user, "fifo").await;
    setting
        .entered(user, &portfolio, &json!({ "kind": "deposit", "amount": 1000 }))
        .await;
    let buy = json!({ "kind": "buy", "symbol": "AAA", "quantity": 5, "price": 100 });
    setting.entered(user, &portfolio, &buy).await;
    setting.quote("AAA", "2026-01-02", "90").await;
    let path = format!("/api/v1/portfolios/ai-analysis?portfolio_id={}", id(&portfolio));
    let found = setting.server.get(&path, &user.token).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let one = &found["portfolios"][0];
    assert_eq!(one["unrealised_gain"].to_string(), "-50.00");
    let kinds: Vec<&str> = one["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["concentration", "loss", "stale_quote", "idle_cash"],
        "{}",
        found.text
    );
    assert!(
        one["narrative"].as_str().unwrap().contains("₹950"),
        "{}",
        found.text
    );
    let all = setting
        .server
        .get("/api/v1/portfolios/ai-analysis", &user.token)
        .await;
    assert_eq!(
        all["portfolios"], found["portfolios"],
        "without an id: all that the caller may see"
    );
}
