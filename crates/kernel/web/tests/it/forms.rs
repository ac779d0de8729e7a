//! Forms, and the key that a request may carry.

use crate::fixture::{fields, refused, site};
use serde_json::{Value, json};

fn good() -> Value {
    json!({"name": "Priya", "count": 3})
}

#[tokio::test]
async fn a_log_in_may_be_json_or_a_form() {
    let site = site().await;
    let answer = site.post_json("/api/login", r#"{"email":"a@b.co"}"#).await;
    assert_eq!(answer.json::<String>().await.unwrap(), "a@b.co");
    let form = |body: &'static str| {
        let request = site
            .post("/api/login")
            .header("content-type", "application/x-www-form-urlencoded");
        request.body(body).send()
    };
    let answer = form("grant_type=password&username=a%40b.co").await.unwrap();
    assert_eq!(answer.json::<String>().await.unwrap(), "a@b.co");
    let error = refused(form("username=a&role=admin").await.unwrap(), 422).await;
    assert_eq!(fields(&error), ["role"]);
    let error = refused(form("grant_type=password").await.unwrap(), 422).await;
    assert_eq!(fields(&error), ["username"]);
    refused(form("username=%ff%fe").await.unwrap(), 400).await;
    refused(
        site.post("/api/login").body("username=a").send().await.unwrap(),
        415,
    )
    .await;
}

#[tokio::test]
async fn an_idempotency_key_is_taken_or_made() {
    let site = site().await;
    let send = |key: Option<&'static str>| {
        let request = site
            .post("/api/things")
            .header("content-type", "application/json")
            .body(good().to_string());
        match key {
            Some(key) => request.header("idempotency-key", key.as_bytes()),
            None => request,
        }
        .send()
    };
    let value: Value = send(Some("pay-rent-june")).await.unwrap().json().await.unwrap();
    assert_eq!(
        (&value["given"], &value["key"]),
        (&json!(true), &json!("pay-rent-june"))
    );
    let value: Value = send(None).await.unwrap().json().await.unwrap();
    assert_eq!(value["given"], false);
    for bad in ["", "ü"] {
        let error = refused(send(Some(bad)).await.unwrap(), 422).await;
        assert_eq!(fields(&error), ["Idempotency-Key"]);
    }
}
