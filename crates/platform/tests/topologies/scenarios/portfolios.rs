use crate::world::World;
use serde_json::{Value, json};

/// A client's portfolio, kept by the advisor: quotes, trades, positions, a plan, performance. The client is made by advisory; the
/// portfolio goes along when the client is given to another advisor.
pub(crate) async fn portfolios(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let other = world.newcomer("other", "advisor").await;
    let client = world
        .post("/api/v1/clients", &json!({ "client_name": "Rajesh" }))
        .by(&advisor)
        .expect(201)
        .await;
    let user = client.text("user_id");
    world.settle(&admin).await;
    let instrument =
        json!({ "symbol": "HDFCBANK", "name": "HDFC Bank", "class": "equity", "product_risk": 4 });
    world
        .post("/api/v1/instruments", &instrument)
        .by(&advisor)
        .expect(201)
        .await;
    let quote = json!({ "symbol": "HDFCBANK", "date": "2026-01-05", "price": 1600 });
    world.put("/api/v1/quotes", &quote).by(&advisor).expect(200).await;
    let made = world
        .post("/api/v1/portfolios", &json!({ "name": "Core", "user_id": user }))
        .by(&advisor)
        .expect(201)
        .await;
    let place = format!("/api/v1/portfolios/{}", made.text("id"));
    let entry = |body: Value| (format!("{place}/entries"), body);
    let buy = json!({
        "kind": "buy", "symbol": "HDFCBANK", "quantity": 10, "price": 1500, "date": "2025-12-02",
    });
    let sell = json!({
        "kind": "sell", "symbol": "HDFCBANK", "quantity": 4, "price": 1600, "date": "2026-01-05",
    });
    let entries = [
        (entry(buy.clone()), 409),
        (
            entry(json!({ "kind": "deposit", "amount": 20000, "date": "2025-12-01" })),
            201,
        ),
        (entry(buy), 201),
        (entry(sell.clone()), 201),
        (entry(sell.clone()), 201),
        (entry(sell), 409),
    ];
    for ((path, body), status) in entries {
        world.post(path, &body).by(&advisor).expect(status).await;
    }
    let targets = json!({ "targets": [{ "key": "HDFCBANK", "weight": 0.5 }] });
    world
        .put(format!("{place}/targets"), &targets)
        .by(&advisor)
        .expect(200)
        .await;
    world
        .post(format!("{place}/rebalance"), &json!({}))
        .by(&advisor)
        .expect(200)
        .await;
    let reads = [
        "/positions",
        "/lots",
        "/allocation",
        "/drift",
        "/verification",
        "/performance?from=2025-12-01&to=2026-01-05",
    ];
    for read in reads {
        world.get(format!("{place}{read}")).by(&advisor).expect(200).await;
        world.get(format!("{place}{read}")).by(&other).expect(404).await;
    }
    let analysis = "/api/v1/portfolios/ai-analysis";
    world.get(analysis).by(&advisor).expect(200).await;
    world.get(analysis).by(&other).expect(200).await;
}
