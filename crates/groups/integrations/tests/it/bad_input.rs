//! Every field of every route: refused in the contract, with the field's name, and nothing written.

use crate::house::{CONNECT, House, STATUS, good};
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};

fn bad_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(7),
        serde_json::from_str("1234567890123456789012345678901234567890").unwrap(),
        json!(true),
        json!([]),
        json!({"$gt": ""}),
        json!(""),
        json!("\u{0}"),
        json!("a\nb"),
        json!("x".repeat(10_000)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_checked_field_by_field_before_anybody_is_asked() {
    let house = House::open().await;
    let token = house.token(Role::Client);
    for field in ["api_key", "shop_domain"] {
        for bad in bad_values() {
            let mut body = good();
            body[field] = bad.clone();
            let reply = house.connect(&token, None, &body).await;
            assert_eq!(
                (reply.status, reply.fields()),
                (422, vec![field]),
                "{field} {bad}"
            );
        }
        let mut body = good();
        body.as_object_mut().unwrap().remove(field);
        let reply = house.connect(&token, None, &body).await;
        assert_eq!(
            (reply.status, reply.fields()),
            (422, vec![field]),
            "without {field}"
        );
    }
    let mut more = good();
    more["base_url"] = json!("http://127.0.0.1/");
    assert_eq!(house.connect(&token, None, &more).await.fields(), ["base_url"]);
    assert!(house.triplewhale.asked().is_empty());
    assert!(house.acts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_body_or_no_key_is_refused_in_the_contract() {
    let house = House::open().await;
    let token = house.token(Role::Client);
    for (kind, body, status) in [
        ("application/json", "{", 400),
        ("application/json", "[]", 422),
        ("text/plain", "x", 415),
        (
            "application/x-www-form-urlencoded",
            "api_key=x&shop_domain=a.co",
            415,
        ),
    ] {
        let request = house.request(Method::POST, CONNECT, Some(&token));
        let reply = house.send(request.header("content-type", kind).body(body)).await;
        assert_eq!(reply.status, status, "{kind} {body}");
    }
    let long = "k".repeat(201);
    for key in ["", long.as_str()] {
        let reply = house.connect(&token, Some(key), &good()).await;
        assert_eq!((reply.status, reply.fields()), (422, vec!["Idempotency-Key"]));
    }
    assert!(house.triplewhale.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn platforms_that_are_not_there_yet_are_404_and_other_methods_405() {
    let house = House::open().await;
    let token = house.token(Role::Client);
    for path in [
        "/api/integrations/hubspot/connect",
        "/api/integrations/nobody/status",
        "/api/integrations/",
    ] {
        assert_eq!(house.get(&token, path).await.status, 404, "{path}");
    }
    let reply = house
        .send(house.request(Method::DELETE, STATUS, Some(&token)))
        .await;
    assert_eq!(
        (reply.status, reply.headers["allow"].to_str().unwrap()),
        (405, "GET, HEAD")
    );
}
