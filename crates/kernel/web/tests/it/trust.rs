//! Who gets in.

use crate::fixture::{refused, site};
use chrono::TimeDelta;
use trust::RevocationEvent;

#[tokio::test]
async fn a_caller_is_who_the_token_says() {
    let site = site().await;
    let token = site.token(TimeDelta::zero());
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = site
            .get("/api/me")
            .header("authorization", format!("{scheme} {token}"))
            .send()
            .await
            .unwrap();
        let value: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(value["user"], site.user.user.to_string());
    }
}

#[tokio::test]
async fn without_a_token_one_is_nobody() {
    let site = site().await;
    let answer = site.get("/api/me").send().await.unwrap();
    assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    assert_eq!(refused(answer, 401).await.error, "unauthenticated");
    let value: serde_json::Value = site.get("/api/who").send().await.unwrap().json().await.unwrap();
    assert_eq!(value["who"], "anonymous");
}

#[tokio::test]
async fn a_token_that_is_no_good_is_401_even_where_none_is_needed() {
    let site = site().await;
    let old = format!("Bearer {}", site.token(TimeDelta::minutes(6)));
    let long = format!("Bearer {}", "a".repeat(50_000));
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic dXNlcjpwYXNz",
        "Bearer a b",
        "\u{fffd}",
        &old,
        &long,
    ] {
        for path in ["/api/me", "/api/who"] {
            let answer = site
                .get(path)
                .header("authorization", value.as_bytes())
                .send()
                .await
                .unwrap();
            assert_eq!(answer.headers()["www-authenticate"], "Bearer", "{value}");
            refused(answer, 401).await;
        }
        let health = site
            .get("/health")
            .header("authorization", value.as_bytes())
            .send()
            .await
            .unwrap();
        assert_eq!(health.status(), 200, "health asks nobody who they are");
    }
}

#[tokio::test]
async fn a_log_in_that_was_ended_is_401_at_once() {
    let site = site().await;
    let token = site.token(TimeDelta::zero());
    let me = || site.get("/api/me").bearer_auth(&token).send();
    assert_eq!(me().await.unwrap().status(), 200);
    let at = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let session = site.user.session;
    site.verifier
        .revocations()
        .apply(RevocationEvent::SessionRevoked { session, at });
    refused(me().await.unwrap(), 401).await;
}

#[tokio::test]
async fn where_the_body_proves_the_caller_an_expired_token_does_not_matter() {
    let site = site().await;
    let request = site
        .post("/api/refresh")
        .bearer_auth(site.token(TimeDelta::minutes(6)));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let value: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(
        (value["who"].as_str(), value["request"].as_str()),
        (Some("anonymous"), Some(id.as_str()))
    );
}
