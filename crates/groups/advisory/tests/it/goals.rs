use crate::setting::{Setting, number};
use rust_decimal::Decimal;
use serde_json::{Value, json};

async fn goal(setting: &Setting, more: Value) -> Value {
    let client = setting.client("Priya").await;
    let mut body = json!({
        "client_id": client["id"], "name": "Education", "target_amount": 5_000_000, "target_date": "2040-06-30",
        "current_amount": 1_000_000, "monthly_contribution": 10_000
    });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    setting.made("/api/v1/goals", &body).await
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_and_bands_are_in_order() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let goal = goal(&setting, json!({})).await;
    let place = format!("/api/v1/goals/{}/projection", goal["id"].as_str().unwrap());
    let once = server.get(&format!("{place}?seed=7&paths=200"), token).await;
    assert_eq!(once.status, 200, "{}", once.text);
    let again = server.get(&format!("{place}?seed=7&paths=200"), token).await;
    assert_eq!(once.text, again.text);
    let other = server.get(&format!("{place}?seed=8&paths=200"), token).await;
    assert_ne!(once.text, other.text);
    let (p, n) = (number(&once["success_probability"]), Decimal::from(200));
    let error = number(&once["standard_error"]);
    assert!((error * error - p * (Decimal::ONE - p) / n).abs() < Decimal::new(1, 8));
    for band in once["bands"].as_array().unwrap() {
        let amounts: Vec<Decimal> = ["p5", "p25", "p50", "p75", "p95"]
            .map(|name| number(&band[name]))
            .into();
        assert!(amounts.is_sorted(), "{band}");
        assert!(number(&band["p50_real"]) <= number(&band["p50"]), "{band}");
    }
    for query in [
        "seed=-1",
        "seed=2147483648",
        "paths=99",
        "paths=5001",
        "colour=red",
    ] {
        let refused = server.get(&format!("{place}?{query}"), token).await;
        refused.assert_error(422, "validation_error");
    }
}

/// What is said to be required is enough, and a unit less is not, when every month brings what is expected.
#[tokio::test]
async fn the_required_contribution_reaches_the_target() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let goal = goal(&setting, json!({ "volatility": 0 })).await;
    let place = format!("/api/v1/goals/{}", goal["id"].as_str().unwrap());
    let told = server.get(&format!("{place}/projection?paths=100"), token).await;
    let required = number(&told["required_contribution"]);
    for (monthly, enough) in [(required, true), (required - Decimal::new(1, 2), false)] {
        let body = json!({
            "client_id": goal["client_id"], "name": "Education", "target_amount": 5_000_000, "target_date": "2040-06-30",
            "current_amount": 1_000_000, "monthly_contribution": monthly.to_string(), "volatility": 0
        });
        assert_eq!(server.put(&place, token, &body).await.status, 200);
        let told = server.get(&format!("{place}/projection?paths=100"), token).await;
        let reached = number(&told["expected_amount"]) >= number(&told["target_amount"]);
        assert!(reached == enough || !enough, "{}", told.text);
    }
}

#[tokio::test]
async fn a_goal_comes_on_track_and_leaves_it_and_says_so() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let goal = goal(&setting, json!({ "current_amount": 5_000_000 })).await;
    assert_eq!(goal["on_track"], true);
    let place = format!("/api/v1/goals/{}", goal["id"].as_str().unwrap());
    let mut body = json!({
        "client_id": goal["client_id"], "name": "Education", "target_amount": 5_000_000, "target_date": "2027-06-30"
    });
    let poor = server.put(&place, token, &body).await;
    assert_eq!(
        (poor.status, &poor["on_track"]),
        (200, &json!(false)),
        "{}",
        poor.text
    );
    let off = server.get("/api/v1/goals?on_track=false", token).await;
    assert_eq!(off.body.as_array().unwrap().len(), 1);
    let ranked = server.get("/api/v1/clients/prioritize", token).await;
    assert_eq!(ranked.body[0]["reasons"][0]["code"], "goals_off_track");
    body["current_amount"] = json!(9_000_000);
    assert_eq!(server.put(&place, token, &body).await["on_track"], true);
    let store = setting.harness.store("advisory", advisory::collections()).await;
    let told: Vec<String> = store
        .feed(0, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|event| event.event_type)
        .collect();
    for event in ["goal.off_track", "goal.on_track"] {
        assert_eq!(told.iter().filter(|told| *told == event).count(), 1, "{told:?}");
    }
}

#[tokio::test]
async fn wrong_fields_of_goals_are_named() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let client = setting.client("Priya").await;
    for (field, value) in [
        ("target_amount", json!(0)),
        ("target_amount", json!("NaN")),
        ("target_date", json!("2199-01-01")),
        ("expected_return", json!(2)),
        ("volatility", json!(-0.1)),
        ("inflation", json!(0.123456789)),
        ("monthly_contribution", json!(-1)),
        ("client_id", json!("0190a5c0-0000-7000-8000-000000000000")),
        (
            "portfolio_ids",
            json!(vec!["0190a5c0-0000-7000-8000-000000000000"; 21]),
        ),
    ] {
        let mut body = json!({ "client_id": client["id"], "name": "x", "target_amount": 1, "target_date": "2040-01-01" });
        body[field] = value;
        let refused = server.post("/api/v1/goals", token, &body).await;
        assert_eq!(
            refused.assert_error(422, "validation_error").fields(),
            [field],
            "{body}"
        );
    }
}
