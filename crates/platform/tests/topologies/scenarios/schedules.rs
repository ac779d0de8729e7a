use crate::world::{PATIENCE, User, World};
use serde_json::{Value, json};
use std::time::Duration;

/// What is bought again and again: by somebody for themselves, and for a client whom compliance knows nothing of yet. Then a price
/// that an order waits for.
pub(crate) async fn schedules(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let other = world.newcomer("other", "advisor").await;
    let saver = world.newcomer("saver", "client").await;
    let client = world
        .post("/api/v1/clients", &json!({ "client_name": "Rajesh" }))
        .by(&advisor)
        .expect(201)
        .await;
    world.settle(&admin).await;
    let fund = json!({ "symbol": "FUND", "name": "Fund", "class": "mutual_fund", "product_risk": 5 });
    world
        .post("/api/v1/instruments", &fund)
        .by(&advisor)
        .expect(201)
        .await;
    quote(world, &advisor, "37.5").await;
    let own = funded(world, &saver, json!({ "name": "Own" })).await;
    let managed = json!({ "name": "Managed", "user_id": client.text("user_id") });
    let managed = funded(world, &advisor, managed).await;

    let (plan, done) = instalment(world, &saver, &own, "ordered").await;
    let order = format!("/api/v1/orders/{}", done[0]["order_id"].as_str().unwrap());
    let order = world.get(order).by(&saver).expect(200).await;
    assert_eq!(order.text("order_type"), "SIP");
    assert_eq!(order.text("state"), "filled");
    let positions = format!("/api/v1/portfolios/{own}/positions");
    world.get(&positions).by(&saver).expect(200).await;
    let (held, _) = instalment(world, &advisor, &managed, "held").await;
    for path in [
        format!("/api/v1/schedules/{held}"),
        format!("/api/v1/schedules/{held}/instalments"),
    ] {
        world.get(&path).by(&other).expect(404).await;
        world.get(&path).by(&saver).expect(404).await;
    }
    for (step, by, status) in [
        ("pause", &other, 404),
        ("pause", &advisor, 200),
        ("pause", &advisor, 409),
        ("resume", &advisor, 200),
        ("cancel", &advisor, 200),
    ] {
        let path = format!("/api/v1/schedules/{held}/{step}");
        world.post(path, &json!(null)).by(by).expect(status).await;
    }
    world
        .get("/api/v1/schedules?state=active")
        .by(&saver)
        .expect(200)
        .await;
    world
        .get(format!("/api/v1/schedules/{plan}"))
        .by(&saver)
        .expect(200)
        .await;

    let waits = json!({
        "portfolio_id": own, "symbol": "FUND", "side": "buy", "quantity": 1, "limit_price": 30,
    });
    let waits = world.post("/api/v1/orders", &waits).by(&saver).expect(201).await;
    let order = format!("/api/v1/orders/{}", waits.text("id"));
    for step in ["check", "place"] {
        world
            .post(format!("{order}/{step}"), &json!(null))
            .by(&saver)
            .expect(200)
            .await;
    }
    quote(world, &advisor, "29").await;
    // No time passes until it is filled.
    world.settle(&admin).await;
    let filled = world.get(&order).by(&saver).expect(200).await;
    assert_eq!(filled.text("state"), "filled");
    world
        .get(format!("/api/v1/portfolios/{own}/verification"))
        .by(&saver)
        .expect(200)
        .await;
}

async fn quote(world: &mut World, by: &User, price: &str) {
    let quote = json!({ "symbol": "FUND", "date": "2026-01-15", "price": price });
    world.put("/api/v1/quotes", &quote).by(by).expect(200).await;
}

/// A portfolio with some money; answers its id.
async fn funded(world: &mut World, by: &User, portfolio: Value) -> String {
    let made = world
        .post("/api/v1/portfolios", &portfolio)
        .by(by)
        .expect(201)
        .await;
    let entries = format!("/api/v1/portfolios/{}/entries", made.text("id"));
    let deposit = json!({ "kind": "deposit", "amount": 5000 });
    world.post(entries, &deposit).by(by).expect(201).await;
    made.text("id")
}

/// Begins a plan today; answers its id and its instalments when the first one stands so.
async fn instalment(world: &mut World, by: &User, portfolio: &str, state: &str) -> (String, Value) {
    let plan = json!({
        "portfolio_id": portfolio, "type": "SIP", "symbol": "FUND", "amount": 1000, "frequency": "monthly",
        "calendar": "WEEKENDS",
    });
    let made = world.post("/api/v1/schedules", &plan).by(by).expect(201).await;
    let path = format!("/api/v1/schedules/{}/instalments", made.text("id"));
    // The job makes it before any time passes.
    let end = tokio::time::Instant::now() + PATIENCE;
    while world.unrecorded(&path, by).await == json!([]) {
        assert!(
            tokio::time::Instant::now() < end,
            "no instalment within {PATIENCE:?}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let done = world.get(path).by(by).expect(200).await;
    assert_eq!(done.body[0]["state"], state);
    (made.text("id"), done.body)
}
