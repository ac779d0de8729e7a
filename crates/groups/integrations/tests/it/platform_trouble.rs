use crate::{
    fake_triplewhale::Mood,
    house::{House, STATUS, code, good},
};
use kernel::Role;
use serde_json::json;
use testkit::Reply;

/// Connects while Triple Whale is in this mood; whatever comes of it, nothing may be written.
async fn refused(house: &House, mood: Mood) -> Reply {
    house.triplewhale.set(mood);
    let token = house.token(Role::Client);
    let reply = house.connect(&token, Some("k1"), &good()).await;
    assert_eq!(house.get(&token, STATUS).await.body["state"], "disconnected");
    assert!(house.acts().await.is_empty());
    house.triplewhale.set(Mood::Well);
    let again = house.connect(&token, Some("k1"), &good()).await;
    assert_eq!(
        again.status, 200,
        "the same key may try again: a refusal is not remembered"
    );
    reply
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_platform_does_not_know_is_the_callers_mistake() {
    let house = House::open().await;
    let token = house.token(Role::Client);
    let wrong = json!({"api_key": "tw-wrong", "shop_domain": "shop.example.com"});
    let reply = house.connect(&token, None, &wrong).await;
    assert_eq!((reply.status, code(&reply)), (422, "credentials_rejected"));
    assert_eq!(reply.fields(), ["api_key"]);
    assert!(!reply.text.as_str().contains("tw-wrong"));
    assert!(house.acts().await.is_empty());
    let reply = refused(&House::open().await, Mood::BadRequest).await;
    assert_eq!((reply.status, reply.fields()), (422, vec!["api_key"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_replaced_by_a_wrong_one_stays() {
    let house = House::open().await;
    let token = house.token(Role::Client);
    let connected = house.connect(&token, None, &good()).await;
    let wrong = json!({"api_key": "tw-wrong", "shop_domain": "shop.example.com"});
    assert_eq!(house.connect(&token, None, &wrong).await.status, 422);
    assert_eq!(house.get(&token, STATUS).await.body, connected.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_in_trouble_is_424_and_says_when_to_come_back() {
    for (mood, wait) in [
        (Mood::Limited, "60"),
        (Mood::Broken, "5"),
        (Mood::Portal, "5"),
        (Mood::Endless, "5"),
    ] {
        let reply = refused(&House::open().await, mood.clone()).await;
        assert_eq!(
            (reply.status, code(&reply)),
            (424, "platform_unavailable"),
            "{mood:?}"
        );
        assert_eq!(reply.headers["retry-after"], wait, "{mood:?}");
        let text = reply.text.as_str();
        assert!(
            !text.contains("stack trace") && !text.contains("127.0.0.1"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listening_is_424() {
    let house = House::open().await;
    house.triplewhale.stop().await;
    let reply = house.connect(&house.token(Role::Client), None, &good()).await;
    assert_eq!((reply.status, code(&reply)), (424, "platform_unavailable"));
    assert!(house.acts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_in_time_is_424() {
    let house = House::impatient().await;
    house.triplewhale.set(Mood::Silent);
    let reply = house.connect(&house.token(Role::Client), None, &good()).await;
    assert_eq!((reply.status, code(&reply)), (424, "platform_timeout"));
    assert!(house.acts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_never_followed_with_the_key() {
    let house = House::open().await;
    let elsewhere = house.elsewhere();
    let place = elsewhere.url.join("users/api-keys/me").unwrap();
    let reply = refused(&house, Mood::Redirecting(place.to_string())).await;
    assert_eq!(reply.status, 424);
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_sends_never_becomes_an_address() {
    let house = House::open().await;
    let elsewhere = house.elsewhere();
    let token = house.token(Role::Client);
    let host = elsewhere.url.host_str().unwrap().to_owned();
    for shop in [
        host.as_str(),
        elsewhere.url.as_str(),
        "localhost",
        "shop.example.com@127.0.0.1",
        "169.254.169.254",
    ] {
        let body = json!({"api_key": crate::fake_triplewhale::KEY, "shop_domain": shop});
        let reply = house.connect(&token, None, &body).await;
        assert_eq!(
            (reply.status, reply.fields()),
            (422, vec!["shop_domain"]),
            "{shop}"
        );
    }
    assert!(elsewhere.asked().is_empty());
    assert!(house.triplewhale.asked().is_empty());
}
