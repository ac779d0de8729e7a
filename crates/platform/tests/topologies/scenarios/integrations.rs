use crate::{outside::KEY, world::World};
use reqwest::Method;
use serde_json::json;

const CONNECT: &str = "/api/integrations/triplewhale/connect";
const DISCONNECT: &str = "/api/integrations/triplewhale/disconnect";
const STATUS: &str = "/api/integrations/triplewhale/status";

/// The catalogue, and a connection from its beginning to its end.
pub(crate) async fn connections(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let watcher = world.newcomer("watcher", "client").await;
    for path in ["/api/integrations", CONNECT] {
        world.get(path).send().await;
        world.get(path).by(&advisor).expect(200).await;
    }
    world.get(STATUS).expect(401).await;
    world.get(STATUS).by(&advisor).expect(200).await;

    let credentials = json!({ "api_key": KEY, "shop_domain": "Shop.Example.com" });
    world.post(CONNECT, &credentials).expect(401).await;
    let unknown = json!({ "api_key": "no key of theirs", "shop_domain": "shop.example.com" });
    world.post(CONNECT, &unknown).by(&advisor).expect(422).await;
    let unknown = json!({ "api_key": "no-key-of-theirs", "shop_domain": "shop.example.com" });
    world.post(CONNECT, &unknown).by(&advisor).expect(422).await;
    for wrong in [
        json!({ "api_key": KEY, "shop_domain": "http://shop.example.com/" }),
        json!({ "api_key": "", "shop_domain": "shop.example.com" }),
        json!({ "api_key": KEY }),
        json!({ "api_key": KEY, "shop_domain": "shop.example.com", "admin": true }),
    ] {
        world.post(CONNECT, &wrong).by(&advisor).expect(422).await;
    }
    world.post(CONNECT, &credentials).by(&advisor).expect(200).await;
    world.get(STATUS).by(&advisor).expect(200).await;
    world.get("/api/integrations").by(&advisor).expect(200).await;
    world.get(STATUS).by(&watcher).expect(200).await;
    let moved = json!({ "api_key": KEY, "shop_domain": "second.example.com" });
    world.post(CONNECT, &moved).by(&advisor).expect(200).await;

    let role = json!({ "role": "compliance" });
    world
        .put(format!("/api/auth/rbac/assignments/{}", watcher.id), &role)
        .by(&admin)
        .expect(200)
        .await;
    let compliance = world.log_in(&watcher.email).await;
    world
        .post(CONNECT, &credentials)
        .by(&compliance)
        .until(403, |_| true)
        .await;

    for _ in 0..2 {
        world
            .call(Method::POST, DISCONNECT)
            .by(&advisor)
            .expect(204)
            .await;
    }
    world.get(STATUS).by(&advisor).expect(200).await;
    world
        .get("/api/integrations/hubspot/connect")
        .by(&advisor)
        .expect(404)
        .await;
    let feed = world
        .get("/api/infrastructure/events?group=integrations")
        .by(&admin)
        .expect(200)
        .await;
    assert!(
        feed.body.as_array().is_some_and(|events| events.len() >= 3),
        "{feed:?}"
    );
    assert!(!feed.exchange.body.contains(KEY));
}
