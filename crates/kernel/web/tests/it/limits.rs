//! Rate limits.

use crate::fixture::{Site, refused, settings, site_with};
use chrono::TimeDelta;

async fn limited() -> Site {
    let mut settings = settings();
    settings.limits.enabled = true;
    settings.limits.read_per_minute = 5;
    site_with(settings).await
}

#[tokio::test]
async fn the_eleventh_transaction_of_a_minute_is_429() {
    let site = limited().await;
    for left in (0..10).rev() {
        let answer = site.post("/api/pay").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["ratelimit-limit"], "10");
        assert_eq!(answer.headers()["ratelimit-remaining"], left.to_string().as_str());
    }
    let answer = site
        .post("/api/pay")
        .bearer_auth(site.token(TimeDelta::zero()))
        .send()
        .await
        .unwrap();
    let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
    assert_eq!(answer.headers()["ratelimit-remaining"], "0");
    assert_eq!(refused(answer, 429).await.error, "too_many_requests");
}

#[tokio::test]
async fn a_user_has_an_allowance_of_their_own() {
    let site = limited().await;
    for _ in 0..5 {
        assert_eq!(site.get("/api/who").send().await.unwrap().status(), 200);
    }
    refused(site.get("/api/who").send().await.unwrap(), 429).await;
    let known = site
        .get("/api/who")
        .bearer_auth(site.token(TimeDelta::zero()))
        .send()
        .await
        .unwrap();
    assert_eq!(known.status(), 200);
    for _ in 0..20 {
        assert_eq!(
            site.get("/health").send().await.unwrap().status(),
            200,
            "health is never limited"
        );
    }
}

#[tokio::test]
async fn limits_can_be_turned_off() {
    let site = site_with(settings()).await;
    for _ in 0..30 {
        let answer = site.post("/api/pay").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(!answer.headers().contains_key("ratelimit-limit"));
    }
}
