use crate::setting::{Setting, id};
use events::{EventFeedClient, EventMetrics, Projector, StoreFeed};
use kernel::EventEnvelope;
use serde_json::{Value, json};
use std::sync::Arc;
use testkit::{Login, Reply};

const PATH: &str = "/api/v1/budget";

async fn recommend(setting: &Setting, body: &Value) -> Reply {
    let token = setting.user.token.as_str();
    setting.server.post("/api/v1/budget/recommend", token, body).await
}

fn parts(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let parts = reply["categories"].as_array().unwrap().iter();
    parts
        .map(|part| format!("{} {}", part["category"].as_str().unwrap(), part["amount"]))
        .collect()
}

/// Posts an income or an expense of the user on a day.
async fn post(setting: &Setting, login: &Login, kind: &str, category: &str, amount: &str, date: &str) {
    let body = json!({ "type": kind, "amount": amount, "category": category, "date": date });
    setting.post(login, &body).await;
}

async fn budget(setting: &Setting, login: &Login, categories: Value) -> Value {
    let body = json!({ "name": "Home", "starts_on": "2026-01-15", "categories": categories });
    let made = setting.server.post(PATH, &login.token, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

#[tokio::test]
async fn fifty_thirty_twenty_makes_the_income_to_the_last_unit() {
    let setting = Setting::new().await;
    let found = recommend(&setting, &json!({ "income": "5000.01" })).await;
    assert_eq!(found["method"], "50/30/20");
    assert_eq!(
        parts(&found),
        ["needs 2500.01", "wants 1500.00", "savings 1000.00"]
    );
    assert_eq!(found["total"].to_string(), "5000.01");
    let yen = recommend(&setting, &json!({ "income": 7, "currency": "JPY" })).await;
    assert_eq!(parts(&yen), ["needs 4", "wants 2", "savings 1"]);
}

#[tokio::test]
async fn history_says_what_things_cost() {
    let setting = Setting::new().await;
    let today = setting.harness.sources.now().date_naive();
    let last_month = (today - chrono::Months::new(1)).to_string();
    let bare = recommend(&setting, &json!({ "income": 100, "method": "from_history" })).await;
    assert_eq!(bare.fields(), ["method"]);
    assert_eq!(
        recommend(&setting, &json!({ "method": "zero_based" }))
            .await
            .fields(),
        ["income"]
    );
    post(&setting, &setting.user, "income", "salary", "3000", &last_month).await;
    post(&setting, &setting.user, "expense", "Rent", "1000", &last_month).await;
    post(&setting, &setting.user, "expense", "food", "500", &last_month).await;
    let body = json!({ "income": 2000, "method": "zero_based", "months": 1 });
    let zero_based = recommend(&setting, &body).await;
    assert_eq!(
        parts(&zero_based),
        ["food 500.00", "rent 1000.00", "savings 500.00"]
    );
    let body = json!({ "income": 100, "method": "from_history", "months": 1 });
    let shares = recommend(&setting, &body).await;
    assert_eq!(parts(&shares), ["food 16.67", "rent 33.33", "savings 50.00"]);
    let body = json!({ "method": "zero_based", "months": 1 });
    let of_average = recommend(&setting, &body).await;
    assert_eq!(of_average["income"].to_string(), "3000.00");
    let tight = recommend(
        &setting,
        &json!({ "income": 300, "method": "zero_based", "months": 1 }),
    )
    .await;
    assert_eq!(parts(&tight), ["food 100.00", "rent 200.00"]);
}

#[tokio::test]
async fn a_budget_is_made_changed_and_deleted_under_its_version() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.user.token.as_str());
    let made = budget(
        &setting,
        &setting.user,
        json!([{ "category": "Föod", "amount": 100 }]),
    )
    .await;
    assert_eq!(made["starts_on"], "2026-01-01");
    assert_eq!(made["categories"][0]["category"], "food");
    let path = format!("{PATH}/{}", id(&made));
    let read = server.get(&path, token).await;
    assert_eq!((read.header("etag"), &read.body), (Some("\"1\""), &made));
    let mut change =
        json!({ "name": "Flat", "categories": [{ "category": "rent", "amount": "5.50", "rollover": true }] });
    let changed = server.put(&path, token, &change).await;
    assert_eq!((changed.status, &changed["version"]), (200, &json!(2)));
    change["version"] = json!(1);
    server
        .put(&path, token, &change)
        .await
        .assert_error(409, "version_conflict");
    let listed = server.get(PATH, token).await;
    assert_eq!(listed.body, json!([changed.body]));
    assert_eq!(server.delete(&path, token).await.status, 204);
    server.get(&path, token).await.assert_error(404, "not_found");
}

#[tokio::test]
async fn a_budget_is_beside_what_was_spent_and_carries_what_is_left() {
    let setting = Setting::new().await;
    let user = &setting.user;
    let made = budget(
        &setting,
        user,
        json!([{ "category": "food", "amount": 100, "rollover": true }, { "category": "fun", "amount": 50 }]),
    )
    .await;
    for (category, amount, date) in [
        ("food", "70", "2026-01-10"),
        ("food", "150", "2026-02-10"),
        ("fun", "20", "2026-02-11"),
        ("taxi", "9", "2026-02-12"),
    ] {
        post(&setting, user, "expense", category, amount, date).await;
    }
    post(&setting, user, "income", "salary", "1000", "2026-02-01").await;
    let path = format!("{PATH}/{}/actual?month=2026-02", id(&made));
    let found = setting.server.get(&path, &user.token).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let food = &found["categories"][0];
    assert_eq!(
        ["planned", "carried", "available", "actual", "remaining"].map(|name| food[name].to_string()),
        ["100.00", "30.00", "130.00", "150.00", "-20.00"]
    );
    assert_eq!(food["exceeded"], true);
    let fun = &found["categories"][1];
    assert_eq!(
        (fun["carried"].to_string(), fun["remaining"].to_string()),
        ("0.00".into(), "30.00".into())
    );
    assert_eq!(
        found["unbudgeted"],
        json!([{ "category": "taxi", "actual": serde_json::from_str::<Value>("9.00").unwrap() }])
    );
    assert_eq!(
        (found["actual"].to_string(), found["income"].to_string()),
        ("179.00".into(), "1000.00".into())
    );
    let march = format!("{PATH}/{}/actual?month=2026-03", id(&made));
    let march = setting.server.get(&march, &user.token).await;
    assert_eq!(march["categories"][0]["carried"].to_string(), "-20.00");
    for wrong in ["2025-12", "2026-13", "soon", "2026-01-01"] {
        let path = format!("{PATH}/{}/actual?month={wrong}", id(&made));
        let refused = setting.server.get(&path, &user.token).await;
        assert_eq!(refused.fields(), ["month"], "{wrong}");
    }
}

#[tokio::test]
async fn what_is_exceeded_is_said_once() {
    let setting = Setting::new().await;
    let harness = &setting.harness;
    let metrics = harness.registry.with(EventMetrics::register);
    let projector = Projector::new(setting.store.clone(), harness.tasks.clone(), metrics);
    let feed = EventFeedClient::unbound(&harness.seam(), "finance");
    feed.bind_local(Arc::new(StoreFeed::new(projector.clone())));
    projector.run(setting.group.budget_alerts.clone(), [feed]);
    let user = &setting.user;
    let made = budget(&setting, user, json!([{ "category": "food", "amount": 100 }])).await;
    for amount in ["60", "39", "2", "5", "7"] {
        post(&setting, user, "expense", "food", amount, "2026-02-10").await;
    }
    post(&setting, user, "expense", "food", "101", "2026-03-01").await;
    post(&setting, user, "expense", "fun", "1000", "2026-03-01").await;
    let said = testkit::eventually("both months are said", || async {
        let events: Vec<EventEnvelope> = setting.store.feed(0, 500).await.unwrap();
        let said: Vec<EventEnvelope> = events
            .into_iter()
            .filter(|event| event.event_type == "budget.exceeded")
            .collect();
        (said.len() >= 2).then_some(said)
    })
    .await;
    let told = setting.store.last_seq().await.unwrap();
    testkit::eventually("everything was heard", || async {
        let cursor = setting
            .store
            .consumer_cursor("finance.budget_alerts", "finance")
            .await;
        (cursor.unwrap().seq() + 2 >= told).then_some(())
    })
    .await;
    let months: Vec<&Value> = said.iter().map(|event| &event.data["month"]).collect();
    assert_eq!(months, ["2026-02-01", "2026-03-01"]);
    assert_eq!(said[0].data["budget_id"], made["id"]);
    assert_eq!(
        said[0].data["available"],
        json!({ "amount": "100.00", "currency": "INR" })
    );
}

#[tokio::test]
async fn nobody_elses_budget_can_be_seen_or_changed() {
    let setting = Setting::new().await;
    let made = budget(
        &setting,
        &setting.client,
        json!([{ "category": "food", "amount": 100 }]),
    )
    .await;
    let path = format!("{PATH}/{}", id(&made));
    assert_eq!(
        setting.server.get(&path, &setting.advisor.token).await.status,
        200
    );
    let change = json!({ "name": "x", "categories": [{ "category": "x", "amount": 1 }] });
    for login in [&setting.user, &setting.other_advisor] {
        let token = login.token.as_str();
        setting
            .server
            .get(&path, token)
            .await
            .assert_error(404, "not_found");
        setting
            .server
            .get(&format!("{path}/actual"), token)
            .await
            .assert_error(404, "not_found");
        setting
            .server
            .put(&path, token, &change)
            .await
            .assert_error(404, "not_found");
        setting
            .server
            .delete(&path, token)
            .await
            .assert_error(404, "not_found");
        assert_eq!(setting.server.get(PATH, token).await.body, json!([]));
        let theirs = json!({ "income": 1, "method": "zero_based", "user_id": setting.client.user() });
        let refused = setting
            .server
            .post("/api/v1/budget/recommend", token, &theirs)
            .await;
        refused.assert_error(404, "not_found");
    }
}

#[tokio::test]
async fn what_is_senseless_is_refused_by_name() {
    let setting = Setting::new().await;
    let token = setting.user.token.as_str();
    for (body, field) in [
        (json!({ "income": 0 }), "income"),
        (json!({ "income": -1 }), "income"),
        (json!({ "income": "1".repeat(40) }), "income"),
        (json!({ "income": 1, "method": "guess" }), "method"),
        (
            json!({ "income": 1, "method": "zero_based", "months": 0 }),
            "months",
        ),
    ] {
        assert_eq!(recommend(&setting, &body).await.fields(), [field], "{body}");
    }
    for (categories, field) in [
        (json!([]), "categories"),
        (json!([{ "category": "a", "amount": -1 }]), "categories[0].amount"),
        (
            json!([{ "category": "a", "amount": 1.001 }]),
            "categories[0].amount",
        ),
        (
            json!([{ "category": "a", "amount": 1 }, { "category": "Á", "amount": 1 }]),
            "categories[1].category",
        ),
        (json!([{ "category": "", "amount": 1 }]), "categories[0].category"),
    ] {
        let body = json!({ "name": "x", "categories": categories });
        let refused = setting.server.post(PATH, token, &body).await;
        assert_eq!(refused.fields(), [field], "{body}");
    }
}
