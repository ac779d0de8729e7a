use crate::setting::{NOBODY, Setting, id, place};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_portfolio_is_opened_renamed_and_closed() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.user.token.as_str());
    let made = setting.portfolio(&setting.user, "fifo").await;
    assert_eq!(made["accounts"][0]["method"], "fifo");
    let at = place(&made);
    let change = json!({ "name": "Travels" });
    let stale = server
        .request(Method::PUT, &at, Some(token))
        .header("If-Match", "\"7\"");
    server
        .send(stale.json(&change))
        .await
        .assert_error(412, "precondition_failed");
    let changed = server.put(&at, token, &change).await;
    assert_eq!(
        (changed.status, changed.header("etag")),
        (200, Some("\"2\"")),
        "{}",
        changed.text
    );
    setting
        .entered(&setting.user, &made, &json!({ "kind": "deposit", "amount": 5 }))
        .await;
    server
        .delete(&at, token)
        .await
        .assert_error(409, "portfolio_in_use");
    setting
        .entered(
            &setting.user,
            &made,
            &json!({ "kind": "withdrawal", "amount": 5 }),
        )
        .await;
    assert_eq!(server.delete(&at, token).await.status, 204);
    server.get(&at, token).await.assert_error(404, "not_found");
}

#[tokio::test]
async fn a_key_opens_one_portfolio() {
    let setting = Setting::new().await;
    let send = |body: serde_json::Value| {
        let request = setting
            .server
            .request(Method::POST, "/api/v1/portfolios", Some(&setting.user.token));
        setting
            .server
            .send(request.header("Idempotency-Key", "k1").json(&body))
    };
    let first = send(json!({ "name": "Core" })).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(send(json!({ "name": "Core" })).await.body, first.body);
    send(json!({ "name": "Other" }))
        .await
        .assert_error(409, "idempotency_key_reused");
    let list = setting
        .server
        .get("/api/v1/portfolios", &setting.user.token)
        .await;
    assert_eq!(list.body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn somebody_elses_portfolio_is_the_same_404_as_an_unknown_one() {
    let setting = Setting::new().await;
    setting.instrument("AAA", "equity", "tech").await;
    let body = json!({ "name": "Theirs", "user_id": setting.client.user() });
    let made = setting
        .server
        .post("/api/v1/portfolios", &setting.advisor.token, &body)
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made["advisor_id"], json!(setting.advisor.user()));
    let own = id(&made.body);
    let reads = [
        "",
        "/entries",
        "/lots",
        "/positions",
        "/allocation",
        "/drift",
        "/verification",
    ];
    let writes = [
        (Method::PUT, "", json!({ "name": "x" })),
        (Method::PUT, "/targets", json!({ "targets": [] })),
        (
            Method::POST,
            "/entries",
            json!({ "kind": "deposit", "amount": 5 }),
        ),
        (Method::POST, "/accounts", json!({ "name": "x" })),
        (Method::POST, "/rebalance", json!({})),
        (Method::DELETE, "", json!(null)),
    ];
    let server = &setting.server;
    let ask = |method: Method, id: &str, rest: &str, body: &serde_json::Value, token: &str| {
        let path = format!("/api/v1/portfolios/{id}{rest}");
        server.send(server.request(method, &path, Some(token)).json(body))
    };
    for stranger in [&setting.other_advisor, &setting.user] {
        let token = stranger.token.as_str();
        for rest in reads {
            let unknown = ask(Method::GET, NOBODY, rest, &json!(null), token).await;
            unknown.assert_error(404, "not_found");
            let foreign = ask(Method::GET, own, rest, &json!(null), token).await;
            assert_eq!(foreign.text, unknown.text, "{rest}");
        }
        for (method, rest, body) in &writes {
            let unknown = ask(method.clone(), NOBODY, rest, body, token).await;
            unknown.assert_error(404, "not_found");
            let foreign = ask(method.clone(), own, rest, body, token).await;
            assert_eq!(foreign.text, unknown.text, "{method} {rest}");
        }
        let analysis = format!("/api/v1/portfolios/ai-analysis?portfolio_id={own}");
        server.get(&analysis, token).await.assert_error(404, "not_found");
        for list in ["/api/v1/portfolios", "/api/v1/portfolios/drift"] {
            assert_eq!(server.get(list, token).await.body, json!([]), "{list}");
        }
        let of_client = format!("/api/v1/portfolios?user_id={}", setting.client.user());
        server.get(&of_client, token).await.assert_error(404, "not_found");
        server
            .post("/api/v1/portfolios", token, &body)
            .await
            .assert_error(404, "not_found");
    }
    for insider in [&setting.client, &setting.advisor, &setting.admin] {
        let read = server.get(&place(&made.body), &insider.token).await;
        assert_eq!(read.status, 200, "{}", read.text);
        let list = server.get("/api/v1/portfolios", &insider.token).await;
        assert_eq!(list.body.as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn worth_allocation_and_currencies_add_up() {
    let setting = Setting::new().await;
    let user = &setting.user;
    setting.instrument("AAA", "equity", "tech").await;
    setting.instrument("BBB", "bond", "state").await;
    setting.instrument("USDINR", "currency", "fx").await;
    let dollar =
        json!({ "symbol": "USS", "name": "US", "class": "equity", "currency": "USD", "product_risk": 3 });
    setting
        .server
        .post("/api/v1/instruments", &setting.admin.token, &dollar)
        .await;
    let accounts = json!([{ "name": "Rupees" }, { "name": "Dollars", "currency": "USD" }]);
    let body = json!({ "name": "Core", "accounts": accounts });
    let made = setting
        .server
        .post("/api/v1/portfolios", &user.token, &body)
        .await
        .body;
    let (rupees, dollars) = (&made["accounts"][0]["id"], &made["accounts"][1]["id"]);
    let buy = |account: &serde_json::Value, symbol: &str, quantity: i32, price: i32| json!({ "kind": "buy", "account_id": account, "symbol": symbol, "quantity": quantity, "price": price });
    let pay = |account: &serde_json::Value, amount: i32| json!({ "kind": "deposit", "account_id": account, "amount": amount });
    setting.entered(user, &made, &pay(rupees, 5_000_000)).await;
    setting.entered(user, &made, &pay(dollars, 1000)).await;
    setting
        .entered(user, &made, &buy(rupees, "AAA", 1000, 2000))
        .await;
    setting.entered(user, &made, &buy(rupees, "BBB", 100, 1000)).await;
    setting.entered(user, &made, &buy(dollars, "USS", 5, 100)).await;
    let wrong = setting.enter(user, &made, &buy(rupees, "USS", 1, 1)).await;
    wrong.assert_error(422, "validation_error");
    let partly = setting.read(user, &made, "").await;
    assert_eq!(partly["complete"], false, "{partly}");
    for (symbol, price) in [("AAA", "2100"), ("BBB", "1000"), ("USS", "120"), ("USDINR", "80")] {
        setting.quote(symbol, "2026-01-15", price).await;
    }
    let whole = setting.read(user, &made, "").await;
    assert_eq!(whole["complete"], true, "{whole}");
    // 5,000,000 - 2,000,000 - 100,000 in cash, 2,100,000 + 100,000 held; 500 dollars in cash, 600 held.
    assert_eq!(whole["market_value"].to_string(), "5188000.00");
    assert_eq!(whole["market_value_text"], "₹51,88,000");
    assert_eq!(whole["market_value_units"], "51.88 lakhs");
    let allocation = setting.read(user, &made, "/allocation").await;
    for group in ["by_class", "by_sector", "by_currency"] {
        let parts = allocation[group].as_array().unwrap();
        let sum: f64 = parts
            .iter()
            .map(|part| part["value"].to_string().parse::<f64>().unwrap())
            .sum();
        assert!((sum - 5_188_000.0).abs() < 0.01, "{group} {allocation}");
    }
    let positions = setting.read(user, &made, "/positions").await;
    assert_eq!(
        positions[0]["unrealised_gain"].to_string(),
        "100000.00",
        "{positions}"
    );
}
