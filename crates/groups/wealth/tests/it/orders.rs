use crate::setting::{NOBODY, Setting, id};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Harness, Login, Reply};

/// A portfolio with ten thousand rupees, and a fresh quote of 100.
async fn ready(setting: &Setting, login: &Login, user: &Login) -> Value {
    setting.instrument("AAA", "equity", "tech").await;
    setting.quote("AAA", "2026-01-15", "100").await;
    let body = json!({ "name": "Core", "user_id": user.user() });
    let portfolio = setting
        .server
        .post("/api/v1/portfolios", &login.token, &body)
        .await
        .body;
    setting
        .entered(login, &portfolio, &json!({ "kind": "deposit", "amount": 10_000 }))
        .await;
    portfolio
}

async fn draft(setting: &Setting, login: &Login, portfolio: &Value, body: Value) -> Value {
    let mut order =
        json!({ "portfolio_id": portfolio["id"], "symbol": "AAA", "side": "buy", "quantity": 10 });
    for (name, value) in body.as_object().unwrap() {
        order[name] = value.clone();
    }
    let made = setting.server.post("/api/v1/orders", &login.token, &order).await;
    assert_eq!(
        (made.status, made["state"].as_str()),
        (201, Some("draft")),
        "{}",
        made.text
    );
    made.body
}

async fn act(setting: &Setting, login: &Login, order: &Value, act: &str, body: &Value) -> Reply {
    let path = format!("/api/v1/orders/{}/{act}", id(order));
    setting.server.post(&path, &login.token, body).await
}

#[tokio::test]
async fn an_order_goes_its_way_and_the_position_follows() {
    let setting = Setting::new().await;
    let user = &setting.user;
    let portfolio = ready(&setting, user, user).await;
    let order = draft(&setting, user, &portfolio, json!({})).await;
    let early = act(&setting, user, &order, "place", &json!(null)).await;
    early.assert_error(409, "illegal_transition");
    let checked = act(&setting, user, &order, "check", &json!(null)).await;
    assert_eq!(
        (checked.status, checked["state"].as_str()),
        (200, Some("checked")),
        "{}",
        checked.text
    );
    let placed = act(&setting, user, &order, "place", &json!(null)).await;
    assert_eq!(
        (placed.status, placed["state"].as_str()),
        (200, Some("filled")),
        "{}",
        placed.text
    );
    let states: Vec<&str> = placed["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["draft", "checked", "placed", "filled"]);
    let positions = setting.read(user, &portfolio, "/positions").await;
    assert_eq!(positions[0]["quantity"].to_string(), "10", "{positions}");
    for step in ["check", "place"] {
        act(&setting, user, &order, step, &json!(null))
            .await
            .assert_error(409, "illegal_transition");
    }
    act(&setting, user, &order, "cancel", &json!({}))
        .await
        .assert_error(409, "illegal_transition");
    let feed = setting.store.feed(0, 200).await.unwrap();
    let steps = feed
        .iter()
        .filter(|event| event.subject == format!("order/{}", id(&order)));
    let steps: Vec<&str> = steps
        .map(|event| event.event_type.as_str())
        .filter(|name| name.starts_with("order."))
        .collect();
    assert_eq!(
        steps,
        ["order.draft", "order.checked", "order.placed", "order.filled"]
    );
}

#[tokio::test]
async fn a_limit_waits_and_is_filled_in_parts_never_beyond() {
    let setting = Setting::new().await;
    let advisor = &setting.advisor;
    let portfolio = ready(&setting, advisor, &setting.client).await;
    let order = draft(&setting, advisor, &portfolio, json!({ "limit_price": 90 })).await;
    act(&setting, advisor, &order, "check", &json!(null)).await;
    let placed = act(&setting, advisor, &order, "place", &json!(null)).await;
    assert_eq!(placed["state"], "placed", "{}", placed.text);
    let part = act(
        &setting,
        advisor,
        &order,
        "fills",
        &json!({ "quantity": 4, "price": 90 }),
    )
    .await;
    assert_eq!(
        (&part["state"], part["filled"].to_string()),
        (&json!("partially_filled"), "4".to_owned()),
        "{}",
        part.text
    );
    let beyond = act(
        &setting,
        advisor,
        &order,
        "fills",
        &json!({ "quantity": 7, "price": 90 }),
    )
    .await;
    beyond.assert_error(409, "overfilled");
    let own = act(
        &setting,
        &setting.client,
        &order,
        "fills",
        &json!({ "quantity": 1, "price": 0 }),
    )
    .await;
    own.assert_error(403, "forbidden");
    let ended = act(
        &setting,
        advisor,
        &order,
        "cancel",
        &json!({ "reason": "enough" }),
    )
    .await;
    assert_eq!(ended["state"], "cancelled", "{}", ended.text);
    let positions = setting.read(advisor, &portfolio, "/positions").await;
    assert_eq!(
        positions[0]["quantity"].to_string(),
        "4",
        "the position is the sum of the fills"
    );
    let verified = setting.read(advisor, &portfolio, "/verification").await;
    assert_eq!(verified["consistent"], true, "{verified}");
    setting.is_what_the_feed_says().await;
}

#[tokio::test]
async fn what_compliance_holds_stays_a_draft_with_its_reason() {
    let setting = Setting::new().await;
    let advisor = &setting.advisor;
    let portfolio = ready(&setting, advisor, &setting.client).await;
    // The stub holds whatever is worth more than 5,000.
    let order = draft(&setting, advisor, &portfolio, json!({ "quantity": 60 })).await;
    let held = act(&setting, advisor, &order, "check", &json!(null)).await;
    assert_eq!(
        (held.status, &held["state"]),
        (200, &json!("draft")),
        "{}",
        held.text
    );
    assert_eq!(held["history"][1]["reasons"], json!(["unsuitable_risk"]));
    act(&setting, advisor, &order, "place", &json!(null))
        .await
        .assert_error(409, "illegal_transition");
}

#[tokio::test]
async fn impossible_orders_change_nothing() {
    let setting = Setting::new().await;
    let user = &setting.user;
    let portfolio = ready(&setting, user, user).await;
    let sale = draft(&setting, user, &portfolio, json!({ "side": "sell" })).await;
    act(&setting, user, &sale, "check", &json!(null)).await;
    act(&setting, user, &sale, "place", &json!(null))
        .await
        .assert_error(409, "not_held");
    let dear = draft(&setting, user, &portfolio, json!({ "quantity": 1000 })).await;
    act(&setting, user, &dear, "check", &json!(null)).await;
    act(&setting, user, &dear, "place", &json!(null))
        .await
        .assert_error(409, "insufficient_cash");
    let positions = setting.read(user, &portfolio, "/positions").await;
    assert_eq!(positions, json!([]));
    for (field, value) in [
        ("quantity", json!("NaN")),
        ("quantity", json!(0)),
        ("symbol", json!("ZZZ")),
        ("limit_price", json!(-1)),
        ("expires_on", json!("2020-01-01")),
        ("side", json!("short")),
    ] {
        let mut body =
            json!({ "portfolio_id": portfolio["id"], "symbol": "AAA", "side": "buy", "quantity": 10 });
        body[field] = value;
        let refused = setting.server.post("/api/v1/orders", &user.token, &body).await;
        refused.assert_error(422, "validation_error");
        assert_eq!(refused["details"][0]["field"], field, "{}", refused.text);
    }
}

#[tokio::test]
async fn somebody_elses_order_is_the_same_404_as_an_unknown_one() {
    let setting = Setting::new().await;
    let portfolio = ready(&setting, &setting.advisor, &setting.client).await;
    let order = draft(&setting, &setting.advisor, &portfolio, json!({})).await;
    let server = &setting.server;
    let fill = json!({ "quantity": 1, "price": 1 });
    for stranger in [&setting.other_advisor, &setting.user] {
        for (step, body) in [
            ("check", json!(null)),
            ("place", json!(null)),
            ("cancel", json!({})),
            ("expire", json!({})),
        ] {
            let ask = |id: &str| {
                let path = format!("/api/v1/orders/{id}/{step}");
                server.send(
                    server
                        .request(Method::POST, &path, Some(&stranger.token))
                        .json(&body),
                )
            };
            let unknown = ask(NOBODY).await;
            unknown.assert_error(404, "not_found");
            assert_eq!(ask(id(&order)).await.text, unknown.text, "{step}");
        }
        let path = format!("/api/v1/orders/{}", id(&order));
        server
            .get(&path, &stranger.token)
            .await
            .assert_error(404, "not_found");
        assert_eq!(
            server.get("/api/v1/orders", &stranger.token).await.body,
            json!([])
        );
        let list = format!("/api/v1/orders?portfolio_id={}", id(&portfolio));
        server
            .get(&list, &stranger.token)
            .await
            .assert_error(404, "not_found");
        let body = json!({ "portfolio_id": portfolio["id"], "symbol": "AAA", "side": "buy", "quantity": 1 });
        server
            .post("/api/v1/orders", &stranger.token, &body)
            .await
            .assert_error(404, "not_found");
    }
    let refused = act(&setting, &setting.other_advisor, &order, "fills", &fill).await;
    refused.assert_error(404, "not_found");
    let own = server.get("/api/v1/orders", &setting.client.token).await;
    assert_eq!(own.body.as_array().unwrap().len(), 1, "{}", own.text);
}

pub(crate) async fn an_order_ends_after_its_last_day_whatever_was_done_of_it(harness: Harness) {
    let mut setting = Setting::on(harness).await;
    let advisor = setting.advisor.clone();
    let portfolio = ready(&setting, &advisor, &setting.client).await;
    let terms = json!({ "limit_price": 90, "expires_on": "2026-01-16" });
    let waits = draft(&setting, &advisor, &portfolio, terms.clone()).await;
    let never_placed = draft(&setting, &advisor, &portfolio, terms).await;
    let open = draft(&setting, &advisor, &portfolio, json!({})).await;
    act(&setting, &advisor, &waits, "check", &json!(null)).await;
    act(&setting, &advisor, &waits, "place", &json!(null)).await;
    let part = json!({ "quantity": 4, "price": 90 });
    let part = act(&setting, &advisor, &waits, "fills", &part).await;
    assert_eq!(part["state"], "partially_filled", "{}", part.text);
    setting.work();
    setting.work();
    let state = async |setting: &Setting, order: &Value| {
        let path = format!("/api/v1/orders/{}", id(order));
        let read = setting.server.get(&path, &setting.advisor.token).await;
        read["state"].as_str().unwrap().to_owned()
    };
    setting.pass(1);
    setting.due().await;
    assert_eq!(
        state(&setting, &waits).await,
        "partially_filled",
        "it is the last day"
    );
    setting.pass(1);
    tokio::join!(setting.due(), setting.due());
    assert_eq!(state(&setting, &waits).await, "expired");
    assert_eq!(state(&setting, &never_placed).await, "expired");
    assert_eq!(state(&setting, &open).await, "draft");
    assert_eq!(setting.told("order.expired").await.len(), 2, "each is told once");
    let positions = setting.read(&setting.advisor, &portfolio, "/positions").await;
    assert_eq!(positions[0]["quantity"].to_string(), "4", "what was done stays");
}
