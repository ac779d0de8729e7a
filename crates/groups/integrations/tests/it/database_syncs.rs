//! Syncs as their users make them. What runs do is told in every topology, by the platform's tests.

use crate::house::{House, code};
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Reply;

const SYNCS: &str = "/api/integrations/database-syncs";
const SECRET: &str = "zu9Nq-tales-of-hoffmann";

fn request() -> Value {
    json!({
        "type": "postgresql",
        "connection": format!("postgresql://priya:{SECRET}@DB.example.com/books?sslmode=require"),
        "columns": { "amount": "betrag" },
    })
}

async fn create(house: &House, token: &str, key: &str, body: &Value) -> Reply {
    let request = house.request(Method::POST, SYNCS, Some(token)).json(body);
    house.send(request.header("idempotency-key", key)).await
}

async fn send(house: &House, method: Method, token: &str, path: &str, body: Value) -> Reply {
    house
        .send(house.request(method, path, Some(token)).json(&body))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_is_made_once_for_a_key_and_is_the_users_own() {
    let house = House::open().await;
    let (priya, other) = (house.token(Role::Client), house.token(Role::Client));
    let made = create(&house, &priya, "k", &request()).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    assert_eq!(
        (&made.body["host"], &made.body["port"]),
        (&json!("db.example.com"), &json!(5432))
    );
    assert_eq!(
        (
            &made.body["direction"],
            &made.body["table"],
            &made.body["sslmode"],
            &made.body["currency"]
        ),
        (
            &json!("both"),
            &json!("transactions"),
            &json!("require"),
            &json!("INR")
        )
    );
    assert_eq!(create(&house, &priya, "k", &request()).await.text, made.text);
    let mut changed = request();
    changed["connection"] = json!("postgresql://priya:another@db.example.com/books?sslmode=require");
    assert_eq!(
        create(&house, &priya, "k", &changed).await.status,
        409,
        "another password is another request"
    );

    let place = format!("{SYNCS}/{}", made.body["id"].as_str().unwrap());
    assert_eq!(house.get(&priya, &place).await.body, made.body);
    assert_eq!(house.get(&priya, SYNCS).await.body, json!([made.body]));
    assert_eq!(house.get(&other, SYNCS).await.body, json!([]));
    let nobody = house.get(&other, &format!("{SYNCS}/{}", uuid::Uuid::nil())).await;
    for role in [Role::Client, Role::Advisor, Role::Admin] {
        let stranger = house.token(role);
        let read = house.get(&stranger, &place).await;
        assert_eq!(
            (read.status, &read.body["message"]),
            (404, &nobody.body["message"]),
            "{role:?}"
        );
        let changed = send(
            &house,
            Method::PATCH,
            &stranger,
            &place,
            json!({"direction": "in"}),
        )
        .await;
        assert_eq!(changed.status, 404);
        let run = send(
            &house,
            Method::POST,
            &stranger,
            &format!("{place}/runs"),
            json!({}),
        )
        .await;
        assert_eq!(run.status, 404);
        assert_eq!(house.get(&stranger, &format!("{place}/runs")).await.status, 404);
        assert_eq!(
            send(&house, Method::DELETE, &stranger, &place, json!({}))
                .await
                .status,
            404
        );
    }
    let changed = send(
        &house,
        Method::PATCH,
        &priya,
        &place,
        json!({"direction": "in", "name": "books"}),
    )
    .await;
    assert_eq!((changed.status, &changed.body["direction"]), (200, &json!("in")));
    let run = send(&house, Method::POST, &priya, &format!("{place}/runs"), json!({})).await;
    assert_eq!(
        (run.status, &run.body["direction"], &run.body["state"]),
        (202, &json!("in"), &json!("waiting"))
    );
    let second = send(&house, Method::POST, &priya, &format!("{place}/runs"), json!({})).await;
    assert_eq!((second.status, code(&second)), (409, "sync_running"));
    let gone = send(&house, Method::DELETE, &priya, &place, json!({})).await;
    assert_eq!((gone.status, code(&gone)), (409, "sync_running"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_with_its_field_and_without_its_secret() {
    let house = House::open().await;
    let token = house.token(Role::Client);
    let at = |host: &str| format!("postgresql://priya:{SECRET}@{host}");
    for (field, value, wanted) in [
        ("connection", json!(at("localhost/books")), "connection"),
        ("connection", json!(at("169.254.169.254/latest")), "connection"),
        ("connection", json!(at("db.example.com:22/books")), "connection"),
        (
            "connection",
            json!(at("db.example.com/books?host=/var/run")),
            "connection",
        ),
        (
            "connection",
            json!(at("db.example.com,localhost/books")),
            "connection",
        ),
        ("connection", json!(at("db.example.com")), "connection"),
        (
            "connection",
            json!(format!("mysql://priya:{SECRET}@db.example.com/books")),
            "connection",
        ),
        (
            "connection",
            json!(format!("x{}", SECRET.repeat(200))),
            "connection",
        ),
        ("connection", json!(7), "connection"),
        ("type", json!("oracle"), "type"),
        ("direction", json!("sideways"), "direction"),
        ("table", json!(""), "table"),
        ("table", json!("a.b.c"), "table"),
        ("table", json!("x".repeat(64)), "table"),
        ("columns", json!({"id": ""}), "columns.id"),
        ("columns", json!({"colour": "x"}), "columns.colour"),
        ("currency", json!("rupees"), "currency"),
        ("account_id", json!("mine"), "account_id"),
        ("password", json!(SECRET), "password"),
    ] {
        let mut body = request();
        body[field] = value;
        let refused = create(&house, &token, "", &body).await;
        assert!([400, 422].contains(&refused.status), "{body}: {:?}", refused.body);
        let refused = send(&house, Method::POST, &token, SYNCS, body.clone()).await;
        assert_eq!(refused.status, 422, "{body}: {:?}", refused.body);
        let named = refused.body["details"][0]["field"].as_str().unwrap_or_default();
        assert_eq!(named, wanted, "{:?}", refused.body);
        assert!(!refused.text.contains(SECRET), "{}", refused.text);
    }
    assert_eq!(house.get(&token, SYNCS).await.body, json!([]));
    for role in [Role::Compliance, Role::Service] {
        let refused = send(&house, Method::POST, &house.token(role), SYNCS, request()).await;
        assert_eq!(refused.status, 403, "{role:?}");
    }
    let mut account = request();
    account["account_id"] = json!(uuid::Uuid::nil());
    let refused = send(&house, Method::POST, &token, SYNCS, account).await;
    assert_eq!(
        (refused.status, code(&refused)),
        (503, "dependency_unavailable"),
        "no ledger, no account"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_encrypted_in_the_store_and_never_comes_back() {
    let house = House::open().await;
    let token = house.token(Role::Client);
    let made = create(&house, &token, "k", &request()).await;
    let place = format!("{SYNCS}/{}", made.body["id"].as_str().unwrap());
    let read = house.get(&token, &place).await;
    let feed = serde_json::to_string(&house.store.feed(0, 100).await.unwrap()).unwrap();
    for answer in [&made.text, &read.text, &feed] {
        assert!(!answer.contains(SECRET));
    }
    let raw = house.into_raw_store().await;
    let holds = |what: &str| raw.windows(what.len()).any(|window| window == what.as_bytes());
    assert!(
        holds("enc:test:") && holds("betrag"),
        "the right files are looked at"
    );
    let hexadecimal: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!holds(SECRET) && !holds(&hexadecimal));
}
