use crate::setting::{Setting, place};
use serde_json::{Value, json};

async fn targeted(setting: &Setting, targets: &Value) -> Value {
    let user = &setting.user;
    for (symbol, price) in [("AAA", "100"), ("BBB", "333")] {
        setting.instrument(symbol, "equity", "tech").await;
        setting.quote(symbol, "2026-01-15", price).await;
    }
    let portfolio = setting.portfolio(user, "fifo").await;
    setting
        .entered(user, &portfolio, &json!({ "kind": "deposit", "amount": 100_000 }))
        .await;
    let buy = json!({ "kind": "buy", "symbol": "AAA", "quantity": 900, "price": 100 });
    setting.entered(user, &portfolio, &buy).await;
    let path = format!("{}/targets", place(&portfolio));
    let put = setting.server.put(&path, &user.token, targets).await;
    assert_eq!(put.status, 200, "{}", put.text);
    portfolio
}

fn even() -> Value {
    json!({ "targets": [{ "key": "AAA", "weight": 0.5 }, { "key": "BBB", "weight": 0.5, "band": 0.1 }] })
}

#[tokio::test]
async fn drift_is_told_and_the_plan_leads_to_a_share_of_the_target() {
    let setting = Setting::new().await;
    let portfolio = targeted(&setting, &even()).await;
    let user = &setting.user;
    let drift = setting.read(user, &portfolio, "/drift").await;
    assert_eq!(
        (drift["drifted"].as_bool(), drift["largest"].to_string()),
        (Some(true), "0.5".to_owned()),
        "{drift}"
    );
    let book = setting.server.get("/api/v1/portfolios/drift", &user.token).await;
    assert_eq!(book.body, json!([drift]));
    let path = format!("{}/rebalance", place(&portfolio));
    let plan = setting.server.post(&path, &user.token, &json!({})).await;
    assert_eq!(plan.status, 200, "{}", plan.text);
    for trade in plan["trades"].as_array().unwrap() {
        let price = if trade["symbol"] == "AAA" { 100 } else { 333 };
        let body = json!({ "kind": trade["side"], "symbol": trade["symbol"], "quantity": trade["quantity"], "price": price });
        setting.entered(user, &portfolio, &body).await;
    }
    let after = setting.read(user, &portfolio, "/drift").await;
    for part in after["parts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|part| part["key"] != "cash")
    {
        let price = if part["key"] == "AAA" { 100.0 } else { 333.0 };
        let away: f64 = part["drift"].to_string().parse().unwrap();
        assert!(
            away.abs() * 100_000.0 <= price + 0.2,
            "at most a share away: {after}"
        );
    }
}

#[tokio::test]
async fn a_plan_says_why_it_leaves_something_alone() {
    let setting = Setting::new().await;
    let portfolio = targeted(&setting, &even()).await;
    let path = format!("{}/rebalance", place(&portfolio));
    let plan = |body: Value| {
        let path = path.clone();
        let setting = &setting;
        async move { setting.server.post(&path, &setting.user.token, &body).await.body }
    };
    let buying = plan(json!({ "mode": "buy_only" })).await;
    let sides: Vec<&str> = buying["trades"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["side"].as_str().unwrap())
        .collect();
    assert_eq!(sides, ["buy"], "{buying}");
    assert!(buying["skipped"].to_string().contains("only buys"), "{buying}");
    setting.quote("AAA", "2026-01-16", "110").await;
    let aware = plan(json!({ "tax_aware": true })).await;
    assert!(aware["skipped"].to_string().contains("short-term"), "{aware}");
    let small = plan(json!({ "minimum_trade": 1_000_000 })).await;
    assert_eq!(small["trades"], json!([]), "{small}");
    assert!(
        small["skipped"].to_string().contains("below the minimum"),
        "{small}"
    );
    let refused = setting
        .server
        .post(&path, &setting.user.token, &json!({ "minimum_trade": -1 }))
        .await;
    refused.assert_error(422, "validation_error");
}

#[tokio::test]
async fn wrong_targets_are_refused() {
    let setting = Setting::new().await;
    let portfolio = targeted(&setting, &even()).await;
    let path = format!("{}/targets", place(&portfolio));
    for (targets, field) in [
        (
            json!([{ "key": "AAA", "weight": 0.7 }, { "key": "BBB", "weight": 0.7 }]),
            "targets",
        ),
        (json!([{ "key": "AAA", "weight": -0.1 }]), "targets[0].weight"),
        (
            json!([{ "key": "AAA", "weight": 0.1, "band": 2 }]),
            "targets[0].band",
        ),
        (json!([{ "key": "ZZZ", "weight": 0.1 }]), "targets[0].key"),
        (
            json!([{ "key": "AAA", "weight": 0.1 }, { "key": "aaa", "weight": 0.1 }]),
            "targets[1].key",
        ),
    ] {
        let refused = setting
            .server
            .put(&path, &setting.user.token, &json!({ "targets": targets }))
            .await;
        refused.assert_error(422, "validation_error");
        assert_eq!(refused["details"][0]["field"], field, "{}", refused.text);
    }
}
