use crate::world::{User, World};
use serde_json::{Value, json};

/// A split, a dividend and rights reach the portfolio of a client: foreseen, chosen, applied, taken back, and counted for
/// taxes. Another advisor sees nothing of it, until the client is given to them: then what was done in the portfolio goes along.
pub(crate) async fn corporate_actions(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let other = world.newcomer("other", "advisor").await;
    let client = world
        .post("/api/v1/clients", &json!({ "client_name": "Rajesh" }))
        .by(&advisor)
        .expect(201)
        .await;
    world.settle(&admin).await;
    let place = holding(world, &advisor, &client.text("user_id")).await;
    let portfolio = place.rsplit('/').next().unwrap_or_default().to_owned();

    let split = json!({ "kind": "split", "symbol": "INFY", "ratio": "2:1", "ex_date": "2025-06-02" });
    let split = recorded(world, &advisor, split).await;
    let dividend =
        json!({ "kind": "cash_dividend", "symbol": "INFY", "amount": "7.5", "ex_date": "2025-07-01" });
    let dividend = recorded(world, &advisor, dividend).await;
    let rights = json!({
        "kind": "rights", "symbol": "INFY", "ratio": "1:4", "subscription_price": 500, "ex_date": "2025-08-01",
    });
    let rights = recorded(world, &advisor, rights).await;
    let election = json!({ "portfolio_id": portfolio, "choice": "subscribe" });
    world
        .post(format!("{rights}/election"), &election)
        .by(&other)
        .expect(404)
        .await;

    world
        .get(format!("{split}/preview"))
        .by(&advisor)
        .expect(200)
        .await;
    for action in [&split, &dividend] {
        world
            .post(format!("{action}/apply"), &json!({}))
            .by(&advisor)
            .expect(200)
            .await;
        world
            .post(format!("{action}/apply"), &json!({}))
            .by(&admin)
            .expect(200)
            .await;
    }
    world
        .post(format!("{rights}/election"), &election)
        .by(&advisor)
        .expect(200)
        .await;
    world
        .post(format!("{rights}/apply"), &json!({}))
        .by(&advisor)
        .expect(200)
        .await;
    world
        .post(format!("{split}/undo"), &json!({}))
        .by(&advisor)
        .expect(409)
        .await;
    world
        .post(format!("{rights}/undo"), &json!({}))
        .by(&advisor)
        .expect(200)
        .await;

    let sell = json!({ "kind": "sell", "symbol": "INFY", "quantity": 4, "price": 600, "date": "2025-09-01" });
    world
        .post(format!("{place}/entries"), &sell)
        .by(&advisor)
        .expect(201)
        .await;
    for read in [
        "/lots",
        "/verification",
        "/tax/gains?year=2025",
        "/tax/harvesting",
    ] {
        world.get(format!("{place}{read}")).by(&advisor).expect(200).await;
        world.get(format!("{place}{read}")).by(&other).expect(404).await;
    }
    let lists = [
        format!("{split}/portfolios"),
        "/api/v1/tax/gains?year=2025".to_owned(),
        "/api/v1/tax/harvesting".to_owned(),
    ];
    for list in &lists {
        world.get(list).by(&advisor).expect(200).await;
        let seen = world.get(list).by(&other).expect(200).await;
        assert_eq!(seen.body, json!([]), "{list}");
    }

    // What the client is worth follows the portfolio; until then somebody else changes the client.
    world.settle(&admin).await;
    let path = format!("/api/v1/clients/{}/reassign", client.text("id"));
    world
        .post(path, &json!({ "advisor_id": other.id }))
        .by(&admin)
        .expect(200)
        .await;
    world.settle(&admin).await;
    for list in &lists {
        world.get(list).by(&other).expect(200).await;
        let seen = world.get(list).by(&advisor).expect(200).await;
        assert_eq!(seen.body, json!([]), "{list}");
    }
}

/// A portfolio with ten shares; answers its address.
async fn holding(world: &mut World, advisor: &User, owner: &str) -> String {
    let instrument = json!({ "symbol": "INFY", "name": "Infosys", "class": "equity", "product_risk": 4 });
    world
        .post("/api/v1/instruments", &instrument)
        .by(advisor)
        .expect(201)
        .await;
    let quote = json!({ "symbol": "INFY", "date": "2025-05-30", "price": 1000 });
    world.put("/api/v1/quotes", &quote).by(advisor).expect(200).await;
    let body = json!({ "name": "Core", "user_id": owner });
    let made = world
        .post("/api/v1/portfolios", &body)
        .by(advisor)
        .expect(201)
        .await;
    let place = format!("/api/v1/portfolios/{}", made.text("id"));
    for entry in [
        json!({ "kind": "deposit", "amount": 50000, "date": "2025-05-01" }),
        json!({ "kind": "buy", "symbol": "INFY", "quantity": 10, "price": 1500, "date": "2025-05-02" }),
    ] {
        world
            .post(format!("{place}/entries"), &entry)
            .by(advisor)
            .expect(201)
            .await;
    }
    place
}

/// Records an action; answers its address.
async fn recorded(world: &mut World, advisor: &User, action: Value) -> String {
    let path = "/api/v1/corporate-actions";
    let made = world.post(path, &action).by(advisor).expect(201).await;
    format!("{path}/{}", made.text("id"))
}
