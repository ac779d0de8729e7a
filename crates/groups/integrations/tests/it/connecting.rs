use crate::{
    fake_triplewhale::KEY,
    house::{CONNECT, House, STATUS, code, everybody_is, good, nobody_is_known},
};
use auth_contract::UserStatus;
use futures::future::join_all;
use kernel::Role;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn good_credentials_connect_and_the_state_follows() {
    let house = House::open().await;
    let token = house.token(Role::Client);
    let connected = house.connect(&token, None, &good()).await;
    assert_eq!(connected.status, 200, "{:?}", connected.body);
    assert_eq!(connected.body["state"], "connected");
    assert_eq!(connected.body["shop_domain"], "priya-sarees.myshopify.com");
    assert_eq!(connected.body["connected_at"], "2026-01-15T06:30:00Z");
    assert_eq!(house.triplewhale.asked(), ["GET /api/v2/users/api-keys/me"]);
    assert_eq!(house.get(&token, STATUS).await.body, connected.body);
    assert_eq!(house.get(&token, CONNECT).await.body["state"], "connected");
    assert_eq!(house.acts().await, ["integration.connected", "audit.recorded"]);
    let gone = house.disconnect(&token).await;
    assert_eq!((gone.status, gone.text.len()), (204, 0));
    let status = house.get(&token, STATUS).await.body;
    assert_eq!(
        (&status["state"], &status["shop_domain"]),
        (&json!("disconnected"), &json!(null))
    );
    let acts = house.acts().await;
    assert_eq!(house.disconnect(&token).await.status, 204);
    assert_eq!(house.acts().await, acts, "the second time nothing happens");
    assert_eq!(
        house.connect(&token, None, &good()).await.status,
        200,
        "and back again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_the_users_own() {
    let house = House::open().await;
    let priya = house.token(Role::Client);
    house.connect(&priya, None, &good()).await;
    for role in [Role::Client, Role::Advisor, Role::Admin] {
        let other = house.token(role);
        assert_eq!(
            house.get(&other, STATUS).await.body["state"],
            "disconnected",
            "{role:?}"
        );
        assert_eq!(house.disconnect(&other).await.status, 204);
    }
    assert_eq!(house.get(&priya, STATUS).await.body["state"], "connected");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_connects_once_and_answers_the_same() {
    let house = House::open().await;
    let token = house.token(Role::Advisor);
    let first = house.connect(&token, Some("k1"), &good()).await;
    let again = house.connect(&token, Some("k1"), &good()).await;
    assert_eq!((again.status, &again.text), (200, &first.text));
    assert_eq!(
        house.triplewhale.asked().len(),
        1,
        "the platform is not asked again"
    );
    assert_eq!(house.acts().await.len(), 2);
    for other in [
        json!({"api_key": KEY, "shop_domain": "other.myshopify.com"}),
        json!({"api_key": KEY.to_uppercase(), "shop_domain": "priya-sarees.myshopify.com"}),
    ] {
        let reused = house.connect(&token, Some("k1"), &other).await;
        assert_eq!((reused.status, code(&reused)), (409, "idempotency_key_reused"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_connect_at_once_make_one_connection() {
    let house = House::open().await;
    let token = house.token(Role::Client);
    let body = good();
    let replies = join_all((0..8).map(|_| house.connect(&token, Some("same"), &body))).await;
    assert!(
        replies
            .iter()
            .all(|reply| reply.status == 200 && reply.text == replies[0].text)
    );
    assert_eq!(house.acts().await.len(), 2, "one effect for one key");
    let token = house.token(Role::Client);
    let replies = join_all((0..4).map(|_| house.connect(&token, None, &body))).await;
    assert!(
        replies.iter().all(|reply| reply.status == 200),
        "each may replace the other"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_watches_connects_nothing() {
    let house = House::open().await;
    for role in [Role::Compliance, Role::Service] {
        let refused = house.connect(&house.token(role), None, &good()).await;
        assert_eq!((refused.status, code(&refused)), (403, "forbidden"), "{role:?}");
    }
    assert!(house.triplewhale.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_not_active_is_refused_before_anything_happens() {
    for users in [
        everybody_is(UserStatus::Suspended),
        everybody_is(UserStatus::Invited),
        nobody_is_known(),
    ] {
        let house = House::with(users).await;
        let refused = house.connect(&house.token(Role::Client), None, &good()).await;
        assert_eq!((refused.status, code(&refused)), (403, "account_not_active"));
        assert!(house.triplewhale.asked().is_empty());
        assert!(house.acts().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_auth_group_it_says_what_is_missing() {
    let house = House::alone().await;
    let token = house.token(Role::Client);
    let refused = house.connect(&token, None, &good()).await;
    assert_eq!((refused.status, code(&refused)), (503, "dependency_unavailable"));
    assert_eq!(
        house.get(&token, STATUS).await.status,
        200,
        "what does not need it goes on"
    );
}
