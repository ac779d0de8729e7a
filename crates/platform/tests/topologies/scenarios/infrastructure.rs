use crate::{outside::KEY, world::World};
use serde_json::json;

const EVENTS: &str = "/api/infrastructure/events";

/// What stands in the feeds of all groups, who may read it, and reading it again.
pub(crate) async fn event_feeds(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let client = world
        .post("/api/v1/clients", &json!({ "client_name": "Priya" }))
        .by(&advisor)
        .expect(201)
        .await;
    let user = client.text("user_id");
    world.settle(&admin).await;
    let account = json!({ "name": "Savings", "kind": "savings", "user_id": user });
    let account = world
        .post("/api/v1/accounts", &account)
        .by(&advisor)
        .expect(201)
        .await
        .text("id");
    for amount in 1..=3 {
        let posting = json!({ "type": "income", "amount": amount, "user_id": user, "account_id": account });
        world
            .post("/api/v1/transactions", &posting)
            .by(&advisor)
            .expect(200)
            .await;
    }
    let credentials = json!({ "api_key": KEY, "shop_domain": "shop.example.com" });
    world
        .post("/api/integrations/triplewhale/connect", &credentials)
        .by(&advisor)
        .expect(200)
        .await;

    for group in [
        "auth",
        "advisory",
        "finance",
        "integrations",
        "infrastructure",
        "wealth",
    ] {
        let mut place = Some(format!("{EVENTS}?group={group}&limit=3"));
        while let Some(path) = place {
            place = world.get(path).by(&admin).expect(200).await.next();
        }
        world
            .get(format!("{EVENTS}?group={group}"))
            .by(&advisor)
            .expect(200)
            .await;
    }
    for query in [
        String::new(),
        "?limit=5".to_owned(),
        "?type=client.created".to_owned(),
        format!("?subject=client/{}", client.text("id")),
        "?group=finance&type=transaction.created&after=2".to_owned(),
        "?group=finance&after=1000000".to_owned(),
    ] {
        world.get(format!("{EVENTS}{query}")).by(&admin).expect(200).await;
        world
            .get(format!("{EVENTS}{query}"))
            .by(&advisor)
            .expect(200)
            .await;
    }
    for query in [
        "?group=nobody",
        "?after=3",
        "?group=auth&limit=0",
        "?group=auth&after=-1",
        "?colour=red",
    ] {
        world.get(format!("{EVENTS}{query}")).by(&admin).expect(422).await;
    }
    world.get(EVENTS).expect(401).await;

    world.settle(&admin).await;
    world
        .get(format!("{EVENTS}/consumers"))
        .by(&admin)
        .expect(200)
        .await;
    world
        .get(format!("{EVENTS}/consumers"))
        .by(&advisor)
        .expect(403)
        .await;
    for group in ["auth", "finance", "nobody"] {
        world
            .get(format!("{EVENTS}/dead-letters?group={group}"))
            .by(&admin)
            .send()
            .await;
    }
    let retry = format!("{EVENTS}/dead-letters/finance/0190a5c0-0000-7000-8000-000000000000/retry");
    world
        .call(reqwest::Method::POST, retry)
        .by(&admin)
        .expect(404)
        .await;

    let replay = json!({ "group": "finance", "consumer": "finance.book", "feed": "advisory" });
    world
        .post(format!("{EVENTS}/replay"), &replay)
        .by(&advisor)
        .expect(403)
        .await;
    let nobody = json!({ "group": "finance", "consumer": "nobody" });
    world
        .post(format!("{EVENTS}/replay"), &nobody)
        .by(&admin)
        .expect(404)
        .await;
    world
        .post(format!("{EVENTS}/replay"), &replay)
        .by(&admin)
        .key("again")
        .expect(200)
        .await;
    world.settle(&admin).await;
    world
        .get(format!("{EVENTS}/consumers"))
        .by(&admin)
        .expect(200)
        .await;
    world
        .get(format!("/api/v1/accounts/{user}"))
        .by(&advisor)
        .expect(200)
        .await;
    world.get("/api/v1/transactions").by(&advisor).expect(200).await;
}

/// What the system says of itself.
pub(crate) async fn system(world: &mut World) {
    let admin = world.admin().await;
    for path in [
        "/health",
        "/ready",
        "/api/infrastructure/registry",
        "/api/v1/system/status",
    ] {
        world.get(path).send().await;
        world.get(path).by(&admin).expect(200).await;
    }
    world.wait(chrono::TimeDelta::hours(26));
    world.get("/api/v1/system/status").by(&admin).expect(401).await;
    let admin = world.admin().await;
    world.get("/api/v1/system/status").by(&admin).expect(200).await;
    world.get("/ready").expect(200).await;
}
