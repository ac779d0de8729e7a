use crate::world::World;
use serde_json::{Value, json};

/// Money comes into a client's portfolio and a part of it goes out again: the ledger has an entry of each, and the client's
/// total follows, counted once.
pub(crate) async fn funding(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let other = world.newcomer("other", "advisor").await;
    let client = world
        .post("/api/v1/clients", &json!({ "client_name": "Rajesh" }))
        .by(&advisor)
        .expect(201)
        .await;
    let (id, user) = (client.text("id"), client.text("user_id"));
    world.settle(&admin).await;
    let portfolio = world
        .post("/api/v1/portfolios", &json!({ "name": "Core", "user_id": user }))
        .by(&advisor)
        .expect(201)
        .await
        .text("id");
    for (kind, amount) in [("deposit", 25_000), ("withdrawal", 4_000), ("payout", 1_000)] {
        let mut body = json!({ "portfolio_id": portfolio, "kind": kind, "amount": amount });
        if kind == "payout" {
            body["payee"] = json!("Tax office");
        }
        let made = world
            .post("/api/v1/funding", &body)
            .by(&advisor)
            .expect(201)
            .await;
        let place = format!("/api/v1/funding/{}", made.text("id"));
        let settle = format!("{place}/settle");
        world
            .post(settle.clone(), &json!({}))
            .by(&other)
            .expect(404)
            .await;
        world
            .post(settle.clone(), &json!({}))
            .by(&advisor)
            .expect(200)
            .await;
        world.post(settle, &json!({})).by(&advisor).expect(409).await;
        world.get(place).by(&other).expect(404).await;
    }
    let beyond = json!({ "portfolio_id": portfolio, "kind": "withdrawal", "amount": 20_001 });
    world
        .post("/api/v1/funding", &beyond)
        .by(&advisor)
        .expect(409)
        .await;
    world.settle(&admin).await;

    // Posted at one moment: in which order they are listed is nobody's promise.
    let posted = world
        .unrecorded(&format!("/api/v1/transactions?user_id={user}"), &advisor)
        .await;
    assert_eq!(posted.as_array().map(Vec::len), Some(3), "{posted}");
    let balance = world
        .get(format!("/api/v1/ledger/statements/trial-balance?user_id={user}"))
        .by(&advisor)
        .expect(200)
        .await;
    let rows: Vec<&Value> = balance["rows"].as_array().into_iter().flatten().collect();
    let row = |account: &str| rows.iter().find(|row| row["account"] == account);
    let of = |account: &str, side: &str| row(account).map(|row| row[side].to_string());
    assert_eq!(of("asset:investments", "debit").as_deref(), Some("20000.00"));
    assert_eq!(of("equity:outside funds", "credit").as_deref(), Some("21000.00"));
    assert_eq!(of("expense:payouts", "debit").as_deref(), Some("1000.00"));
    let place = format!("/api/v1/clients/{id}");
    let richer = world.get(place).by(&advisor).expect(200).await;
    assert_eq!(richer["total_assets"].to_string(), "20000.00");
    let meeting = json!({
        "client_id": id, "title": "Review", "starts_at": "2026-02-01T10:00:00Z", "ends_at": "2026-02-01T11:00:00Z",
    });
    let meeting = world
        .post("/api/v1/meetings", &meeting)
        .by(&advisor)
        .expect(201)
        .await;
    let brief = format!("/api/v1/meetings/{}/brief", meeting.text("id"));
    let brief = world.get(brief).by(&advisor).expect(200).await;
    assert_eq!(
        brief["portfolios"][0]["value"].to_string(),
        "20000.00",
        "{}",
        brief.body
    );
    for analytics in ["cash-flow-forecast", "summary"] {
        let path = format!("/api/v1/funding/analytics/{analytics}?portfolio_id={portfolio}");
        world.get(path.clone()).by(&advisor).expect(200).await;
        world.get(path).by(&other).expect(404).await;
    }
}
