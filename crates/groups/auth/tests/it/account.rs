use crate::house::{House, PASSWORD, code, text};
use kernel::Role;
use reqwest::Method;
use serde_json::json;

const PRIYA: &str = "priya@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_changed_by_its_owner_and_not_by_a_stale_one() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let token = text(&grant["access_token"]);
    let rename = async |name: &str, tag: &str| {
        let request = house.request(Method::PATCH, "/api/v1/auth/me");
        let request = request.bearer_auth(token).header("if-match", tag);
        house.send(request.json(&json!({ "name": name }))).await
    };
    let changed = rename("Priya S.", "\"1\"").await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.body["name"], "Priya S.");
    assert_eq!(changed.header("etag"), Some("\"2\""));
    assert_eq!(rename("Other", "\"1\"").await.status, 412);
    let smuggled = house
        .send(
            house
                .request(Method::PATCH, "/api/auth/me")
                .bearer_auth(token)
                .json(&json!({"name": "x", "role": "admin"})),
        )
        .await;
    assert_eq!((smuggled.status, smuggled.fields()), (422, vec!["role"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_is_gone_at_once_and_comes_back_with_the_mailed_code() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let token = text(&grant["access_token"]);
    let delete = async |password: &str| {
        let body = json!({"proof": {"password": password}});
        house.post_as(token, "/api/auth/account/delete", &body).await
    };
    assert_eq!(code(&delete("wrong horse").await), "wrong_proof");
    assert_eq!(delete(PASSWORD).await.status, 204);
    assert_eq!(house.get(token, "/api/auth/me").await.status, 401);
    assert_eq!(house.refresh(&grant["refresh_token"]).await.status, 401);
    let gone = house.try_log_in(PRIYA, PASSWORD).await;
    assert_eq!((gone.status, code(&gone)), (401, "invalid_credentials"));

    let mail = house.mail.first_to(PRIYA).await;
    assert_eq!(mail.subject, "Your account was deleted");
    let restore = async || {
        let body = json!({"token": mail.code()});
        house.post("/api/auth/account/restore", &body).await
    };
    assert_eq!(restore().await.status, 204);
    assert_eq!(code(&restore().await), "invalid_token");
    let back = house.try_log_in(PRIYA, PASSWORD).await;
    assert_eq!(back.status, 200);
    assert_eq!(back.body["user"]["id"], grant["user"]["id"]);
    assert_eq!(house.get(token, "/api/auth/me").await.status, 401, "still ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_does_not_come_back_to_an_address_that_somebody_has_by_now() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let body = json!({"proof": {"password": PASSWORD}});
    house
        .post_as(text(&grant["access_token"]), "/api/auth/account/delete", &body)
        .await;
    let mail = house.mail.first_to(PRIYA).await;
    assert_eq!(house.register(PRIYA, "client").await.status, 201);
    let reply = house
        .post("/api/auth/account/restore", &json!({"token": mail.code()}))
        .await;
    assert_eq!((reply.status, code(&reply)), (409, "email_taken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_keeps_its_last_administrator() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let token = text(&admin["access_token"]);
    let body = json!({"proof": {"password": PASSWORD}});
    let last = house.post_as(token, "/api/auth/account/delete", &body).await;
    assert_eq!((last.status, code(&last)), (409, "last_admin"));
    house.make(Role::Admin, "second@example.com").await;
    let reply = house.post_as(token, "/api/auth/account/delete", &body).await;
    assert_eq!(reply.status, 204);
}

/// Whether the store knows this text: names and log-in e-mails stand in it as they are.
async fn knows(house: &House, text: &str) -> bool {
    let cx = house.system();
    let users = house
        .store
        .export_user(&cx, kernel::UserId(text.parse().unwrap()));
    !users.await.unwrap().values().flatten().all(|document| {
        document["email"].is_null() && document.get("name").is_none_or(|name| name == "erased")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_it_and_proves_themselves_is_erased_for_good() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let (token, id) = (text(&grant["access_token"]), text(&grant["user"]["id"]));
    let erase = async |password: &str| {
        let body = json!({"proof": {"password": password}});
        house.post_as(token, "/api/auth/account/erase", &body).await
    };
    assert_eq!(code(&erase("wrong horse").await), "wrong_proof");
    assert_eq!(erase(PASSWORD).await.status, 204);
    assert_eq!(house.get(token, "/api/auth/me").await.status, 401);
    assert_eq!(house.try_log_in(PRIYA, PASSWORD).await.status, 401);
    testkit::eventually("the record of the erasure", || {
        house.advance(10);
        async {
            let acts = house.acts_since(0).await;
            let told = ["user.erasure_asked", "user.deleted", "user.erased"];
            told.iter()
                .all(|act| acts.iter().any(|known| known == act))
                .then_some(())
        }
    })
    .await;
    assert!(!knows(&house, id).await);
    assert_eq!(house.register(PRIYA, "client").await.status, 201);
    assert_ne!(house.log_in(PRIYA).await["user"]["id"], grant["user"]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_is_erased_after_thirty_days_unless_it_was_taken_back() {
    let house = House::open().await;
    let gone = house.user_in(Role::Client, PRIYA).await;
    let back = house.user_in(Role::Client, "back@example.com").await;
    let body = json!({"proof": {"password": PASSWORD}});
    for grant in [&gone, &back] {
        let deleted = house
            .post_as(text(&grant["access_token"]), "/api/auth/account/delete", &body)
            .await;
        assert_eq!(deleted.status, 204);
    }
    let mail = house.mail.first_to("back@example.com").await;
    house.mail.first_to(PRIYA).await;
    house.advance(29 * 24 * 3600);
    let restored = json!({"token": mail.code()});
    let restored = house.post("/api/auth/account/restore", &restored).await;
    assert_eq!(restored.status, 204, "{}", restored.text);
    house
        .jobs
        .every(vec![(chrono::TimeDelta::hours(1), auth::HOUSEKEEPING)]);
    house.advance(2 * 24 * 3600);
    testkit::eventually("who did not come back is erased", || {
        house.advance(60);
        async { (!knows(&house, text(&gone["user"]["id"])).await).then_some(()) }
    })
    .await;
    assert!(knows(&house, text(&back["user"]["id"])).await);
    house.log_in("back@example.com").await;
}
