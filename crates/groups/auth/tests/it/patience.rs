use crate::house::{House, PASSWORD, code};
use kernel::Role;
use reqwest::Method;
use serde_json::json;
use testkit::Reply;

/// A log-in from an address, as a proxy that is trusted tells it.
async fn log_in(house: &House, email: &str, password: &str, address: &str) -> Reply {
    let request = house
        .request(Method::POST, "/api/auth/login")
        .header("x-forwarded-for", address)
        .json(&json!({"email": email, "password": password}));
    house.send(request).await
}

const WRONG: &str = "not the password";

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_make_their_sender_wait_longer_and_longer() {
    let house = House::behind_proxy().await;
    house.make(Role::Client, "priya@example.com").await;
    for email in ["priya@example.com", "nobody@example.com"] {
        for _ in 0..5 {
            assert_eq!(log_in(&house, email, WRONG, "192.0.2.1").await.status, 401);
        }
        let refused = log_in(&house, email, PASSWORD, "192.0.2.1").await;
        assert_eq!(
            (refused.status, code(&refused)),
            (429, "too_many_requests"),
            "{email}"
        );
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    house.advance(1);
    assert_eq!(
        log_in(&house, "priya@example.com", WRONG, "192.0.2.1")
            .await
            .status,
        401
    );
    house.advance(1);
    let longer = log_in(&house, "priya@example.com", PASSWORD, "192.0.2.1").await;
    assert_eq!((longer.status, longer.header("retry-after")), (429, Some("1")));
    house.advance(1);
    assert_eq!(
        log_in(&house, "priya@example.com", PASSWORD, "192.0.2.1")
            .await
            .status,
        200,
        "a delay, no lock"
    );
    assert_eq!(
        log_in(&house, "priya@example.com", WRONG, "192.0.2.1")
            .await
            .status,
        401,
        "it begins anew"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_with_wrong_passwords_locks_nobody_out() {
    let house = House::behind_proxy().await;
    house.make(Role::Client, "priya@example.com").await;
    assert_eq!(
        log_in(&house, "priya@example.com", PASSWORD, "192.0.2.1")
            .await
            .status,
        200
    );
    for stranger in 0..25 {
        let address = format!("198.51.100.{stranger}");
        log_in(&house, "priya@example.com", WRONG, &address).await;
    }
    let elsewhere = log_in(&house, "priya@example.com", PASSWORD, "203.0.113.9").await;
    assert_eq!(
        elsewhere.status, 429,
        "guessing from many addresses is slowed down"
    );
    assert_eq!(
        log_in(&house, "priya@example.com", PASSWORD, "192.0.2.1")
            .await
            .status,
        200,
        "who is known is in"
    );
    let wait = elsewhere.header("retry-after").unwrap().parse::<i64>().unwrap();
    assert!(wait <= 300, "{wait}");
    house.advance(wait);
    assert_eq!(
        log_in(&house, "priya@example.com", PASSWORD, "203.0.113.9")
            .await
            .status,
        200
    );
}
