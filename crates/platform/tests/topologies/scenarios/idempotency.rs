use crate::{outside::KEY, world::World};
use serde_json::json;

/// The same key and request gets the same bytes and one effect; another request with the key is refused; a key belongs
/// to one user and one method.
pub(crate) async fn idempotency(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let other = world.newcomer("other", "advisor").await;

    let client = json!({ "client_name": "Rajesh Kumar" });
    let first = world
        .post("/api/v1/clients", &client)
        .by(&advisor)
        .key("k1")
        .expect(201)
        .await;
    let again = world
        .post("/api/v1/clients", &client)
        .by(&advisor)
        .key("k1")
        .expect(201)
        .await;
    assert_eq!(first.exchange.body, again.exchange.body);
    let different = json!({ "client_name": "Priya Sharma" });
    world
        .post("/api/v1/clients", &different)
        .by(&advisor)
        .key("k1")
        .expect(409)
        .await;
    world
        .post("/api/v1/clients", &client)
        .by(&other)
        .key("k1")
        .expect(201)
        .await;
    let list = world.get("/api/v1/clients").by(&advisor).expect(200).await;
    assert_eq!(list.body.as_array().map(Vec::len), Some(1));
    let user = first.text("user_id");
    world.settle(&admin).await;

    let account = json!({ "name": "Savings", "kind": "savings", "user_id": user });
    let made = world
        .post("/api/v1/accounts", &account)
        .by(&advisor)
        .key("k1")
        .expect(201)
        .await;
    let again = world
        .post("/api/v1/accounts", &account)
        .by(&advisor)
        .key("k1")
        .expect(201)
        .await;
    assert_eq!(made.exchange.body, again.exchange.body);
    let posting = json!({ "type": "income", "amount": 10, "user_id": user, "account_id": made.text("id") });
    let first = world
        .post("/api/v1/transactions", &posting)
        .by(&advisor)
        .key("k1")
        .expect(200)
        .await;
    let again = world
        .post("/api/v1/transactions", &posting)
        .by(&advisor)
        .key("k1")
        .expect(200)
        .await;
    assert_eq!(first.exchange.body, again.exchange.body);
    let mut more = posting.clone();
    more["amount"] = json!(11);
    world
        .post("/api/v1/transactions", &more)
        .by(&advisor)
        .key("k1")
        .expect(409)
        .await;
    world
        .post("/api/v1/transactions", &posting)
        .by(&advisor)
        .key("k2")
        .expect(200)
        .await;
    let list = world
        .get("/api/v1/transactions?count=true")
        .by(&advisor)
        .expect(200)
        .await;
    assert_eq!(list.header("x-total-count"), Some("2"));

    let connect = "/api/integrations/triplewhale/connect";
    let credentials = json!({ "api_key": KEY, "shop_domain": "shop.example.com" });
    world
        .post(connect, &credentials)
        .by(&advisor)
        .key("k1")
        .expect(200)
        .await;
    world
        .post(connect, &credentials)
        .by(&advisor)
        .key("k1")
        .expect(200)
        .await;
    let elsewhere = json!({ "api_key": KEY, "shop_domain": "other.example.com" });
    world
        .post(connect, &elsewhere)
        .by(&advisor)
        .key("k1")
        .expect(409)
        .await;

    // A refusal is no outcome: the key is free for a request that is right.
    world
        .post("/api/v1/clients", &json!({ "client_name": "" }))
        .by(&advisor)
        .key("k3")
        .expect(422)
        .await;
    world
        .post("/api/v1/clients", &different)
        .by(&advisor)
        .key("k3")
        .expect(201)
        .await;
    let long = "k".repeat(201);
    for key in ["", " ", &long] {
        world
            .post("/api/v1/clients", &client)
            .by(&advisor)
            .key(key)
            .send()
            .await;
    }
}
