use crate::setting::{Setting, other_firm, places};
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use testkit::{Reply, eventually};

const CONSUMERS: &str = "/api/infrastructure/events/consumers";
const REPLAY: &str = "/api/infrastructure/events/replay";

fn counter_at(seq: u64) -> Value {
    json!([{ "group": "books", "consumer": "counter", "feed": "bank", "seq": seq }])
}

async fn with_deposits(count: u64) -> Setting {
    let setting = Setting::new().await;
    let client = setting.harness.log_in(Role::Client);
    for _ in 0..count {
        setting.deposit(&client, "money.deposited").await;
    }
    setting.books_reach(count).await;
    setting
}

#[tokio::test]
async fn overseers_see_how_far_every_consumer_has_read() {
    let setting = with_deposits(3).await;
    for role in [Role::Admin, Role::Compliance] {
        let listed = setting.get(role, CONSUMERS).await;
        assert_eq!(
            (listed.status, &listed.body),
            (200, &counter_at(3)),
            "{}",
            listed.text
        );
    }
    for role in [Role::Advisor, Role::Client, Role::Service] {
        let refused = setting.get(role, CONSUMERS).await;
        refused.assert_error(403, "forbidden");
    }
}

#[tokio::test]
async fn a_replay_from_the_beginning_builds_anew_and_is_audited() {
    let setting = with_deposits(3).await;
    let admin = setting.harness.log_in(Role::Admin);
    let body = json!({ "group": "books", "consumer": "counter" });
    let replayed = setting.server.post(REPLAY, &admin.token, &body).await;
    assert_eq!(
        (replayed.status, &replayed.body),
        (200, &counter_at(0)),
        "{}",
        replayed.text
    );
    setting.books_reach(3).await;
    assert_eq!(setting.counter.counted.load(Ordering::SeqCst), 3);

    let audit = setting
        .get(Role::Admin, "/api/infrastructure/events?group=books")
        .await;
    assert_eq!(places(&audit), [("audit.recorded".to_owned(), 1)]);
    assert_eq!(audit.body[0]["data"]["action"], "consumer.rewound");
    assert_eq!(audit.body[0]["actor"], format!("user/{}", admin.user()));
}

#[tokio::test]
async fn part_of_a_feed_can_be_read_again() {
    let setting = with_deposits(3).await;
    let body = json!({ "group": "books", "consumer": "counter", "feed": "bank", "to_seq": 2 });
    let token = setting.harness.log_in(Role::Admin).token;
    let replayed = setting.server.post(REPLAY, &token, &body).await;
    assert_eq!(
        (replayed.status, &replayed.body),
        (200, &counter_at(2)),
        "{}",
        replayed.text
    );
    eventually("the fourth count", || async {
        (setting.counter.counted.load(Ordering::SeqCst) == 4).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_same_key_replays_once_and_another_request_under_it_is_a_conflict() {
    let setting = with_deposits(2).await;
    let token = setting.harness.log_in(Role::Admin).token;
    let send = |to_seq: u64| {
        let body = json!({ "group": "books", "consumer": "counter", "feed": "bank", "to_seq": to_seq });
        let request = setting.server.request(Method::POST, REPLAY, Some(&token));
        let request = request.header("Idempotency-Key", "once").json(&body);
        setting.server.send(request)
    };
    assert_eq!(send(1).await.status, 200);
    setting.books_reach(2).await;
    assert_eq!(send(1).await.status, 200);
    send(0).await.assert_error(409, "idempotency_key_reused");
    assert_eq!(setting.counter.counted.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn only_admins_replay() {
    let setting = with_deposits(1).await;
    let body = json!({ "group": "books", "consumer": "counter" });
    for role in [Role::Compliance, Role::Advisor, Role::Client, Role::Service] {
        let token = setting.harness.log_in(role).token;
        let refused = setting.server.post(REPLAY, &token, &body).await;
        refused.assert_error(403, "forbidden");
    }
    assert_eq!(setting.get(Role::Admin, CONSUMERS).await.body, counter_at(1));
    assert_eq!(setting.books.last_seq().await.unwrap(), 0, "nothing was written");
}

#[tokio::test]
async fn a_replay_that_makes_no_sense_is_refused() {
    let setting = with_deposits(1).await;
    let token = setting.harness.log_in(Role::Admin).token;
    let send = |body: Value| {
        let (server, token) = (&setting.server, token.clone());
        async move { server.post(REPLAY, &token, &body).await }
    };
    let invalid = |reply: &Reply, field: &str| {
        reply.assert_error(422, "validation_error");
        assert_eq!(reply.fields(), [field], "{}", reply.text);
    };
    invalid(
        &send(json!({ "group": "garden", "consumer": "counter" })).await,
        "group",
    );
    invalid(&send(json!({ "consumer": "counter" })).await, "group");
    invalid(
        &send(json!({ "group": "books", "consumer": "counter", "to_seq": 9 })).await,
        "to_seq",
    );
    invalid(
        &send(json!({ "group": "books", "consumer": "counter", "to_seq": -1 })).await,
        "to_seq",
    );
    invalid(
        &send(json!({ "group": "books", "consumer": "counter", "x": 1 })).await,
        "x",
    );
    send(json!({ "group": "books", "consumer": "nobody" }))
        .await
        .assert_error(404, "not_found");
    send(json!({ "group": "books", "consumer": "counter", "feed": "garden" }))
        .await
        .assert_error(404, "not_found");
    assert_eq!(setting.books.last_seq().await.unwrap(), 0, "nothing was written");
}

#[tokio::test]
async fn another_firms_admin_sees_no_dead_letter_and_no_event_of_this_one() {
    let setting = with_deposits(1).await;
    let foreign = setting.harness.log_in_to(Role::Admin, other_firm());
    for path in [
        "/api/infrastructure/events",
        "/api/infrastructure/events?group=bank",
        "/api/infrastructure/events/dead-letters?group=books",
    ] {
        let listed = setting.server.get(path, &foreign.token).await;
        assert_eq!((listed.status, &listed.body), (200, &json!([])), "{path}");
    }
}
