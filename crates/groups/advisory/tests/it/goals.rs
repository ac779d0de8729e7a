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

/// Lets the wealth group say what a portfolio of a client is worth.
async fn worth(setting: &Setting, client: &Value, portfolio: u128, value: i64, seq: u64) {
    let facts = wealth_contract::PortfolioValued {
        portfolio_id: uuid::Uuid::from_u128(portfolio),
        user_id: client["user_id"].as_str().unwrap().parse().unwrap(),
        client_id: None,
        currency: kernel::Currency::INR,
        date: "2026-01-15".parse().unwrap(),
        value: value.into(),
        total: value.into(),
        complete: true,
    };
    setting
        .hear(
            wealth_contract::PORTFOLIO_VALUED,
            serde_json::to_value(facts).unwrap(),
            seq,
        )
        .await;
}

/// Runs the job that looks at goals again, as often as is said, and waits until it is done.
async fn look(setting: &Setting, times: usize) {
    let cx = setting.harness.system("advisory");
    let scope = kernel::Scope::Tenant { tenant: cx.tenant() };
    let mut asked = Vec::new();
    for _ in 0..times {
        let mut batch = setting.store.batch(&cx);
        let job = events::jobs::NewJob::new(advisory::GOALS, &()).unwrap();
        asked.push(job.enqueue(&setting.store, &cx, &mut batch));
        setting.store.commit(batch).await.unwrap();
    }
    for id in asked {
        testkit::eventually("the goals are looked at", async || {
            let status = events::jobs::status(&setting.store, &scope, id).await.unwrap();
            status.filter(|status| status.state == events::jobs::JobState::Done)
        })
        .await;
    }
}

async fn said(setting: &Setting, event: &str) -> usize {
    let feed = setting.store.feed(0, 1000).await.unwrap();
    feed.iter().filter(|told| told.event_type == event).count()
}

#[tokio::test]
async fn linked_portfolios_count_and_decide_whether_a_goal_is_on_track() {
    let setting = Setting::new().await;
    setting.work();
    let client = setting.client("Priya").await;
    let body = json!({
        "client_id": client["id"], "name": "House", "target_amount": 1000, "target_date": "2027-02-28",
        "volatility": 0, "expected_return": 0, "portfolio_ids": [uuid::Uuid::from_u128(5)],
    });
    let goal = setting.made("/api/v1/goals", &body).await;
    assert_eq!(
        (number(&goal["progress"]), &goal["on_track"]),
        (Decimal::ZERO, &json!(false))
    );
    let place = format!("/api/v1/goals/{}", goal["id"].as_str().unwrap());
    let portfolios = [(5, 1200, 1), (6, 9999, 2), (5, 1100, 3)];
    for (portfolio, value, seq) in portfolios {
        worth(&setting, &client, portfolio, value, seq).await;
    }
    let fresh = setting.server.get(&place, &setting.advisor.token).await;
    assert_eq!(
        number(&fresh["portfolio_value"]),
        Decimal::from(1100),
        "the other one is not linked"
    );
    assert_eq!(number(&fresh["progress"]), Decimal::new(11, 1));
    assert_eq!(said(&setting, "goal.on_track").await, 0);
    // Several processes, and again: said once.
    look(&setting, 3).await;
    let listed = setting
        .server
        .get("/api/v1/goals?on_track=true", &setting.advisor.token)
        .await;
    assert_eq!(listed.body[0]["id"], goal["id"], "{}", listed.text);
    assert_eq!(said(&setting, "goal.on_track").await, 1);
    // A little more changes nothing, a lot less does.
    worth(&setting, &client, 5, 1101, 4).await;
    look(&setting, 1).await;
    assert_eq!(said(&setting, "goal.looked_at").await, 1);
    worth(&setting, &client, 5, 900, 5).await;
    assert_eq!(said(&setting, "goal.off_track").await, 1, "it began so");
    look(&setting, 2).await;
    assert_eq!(said(&setting, "goal.off_track").await, 2);
}

#[tokio::test]
async fn a_goal_leaves_its_track_as_time_passes() {
    let mut setting = Setting::new().await;
    setting.work();
    let client = setting.client("Priya").await;
    // Twelve payments of 100 would do; after a month there are eleven.
    let body = json!({
        "client_id": client["id"], "name": "Car", "target_amount": 1200, "target_date": "2027-01-20",
        "volatility": 0, "expected_return": 0, "monthly_contribution": 100,
    });
    let goal = setting.made("/api/v1/goals", &body).await;
    assert_eq!(goal["on_track"], true, "{goal}");
    look(&setting, 1).await;
    assert_eq!(said(&setting, "goal.looked_at").await, 0);
    setting.pass(45);
    look(&setting, 3).await;
    assert_eq!(said(&setting, "goal.off_track").await, 1);
    let place = format!("/api/v1/goals/{}", goal["id"].as_str().unwrap());
    let now = setting.server.get(&place, &setting.advisor.token).await;
    assert_eq!(now["on_track"], false, "{}", now.text);
}
