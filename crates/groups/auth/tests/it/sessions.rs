use crate::house::{House, code, text};
use kernel::Role;
use reqwest::Method;
use serde_json::Value;
use testkit::Reply;

async fn log_out(house: &House, token: &str) -> Reply {
    house
        .send(house.request(Method::POST, "/api/auth/logout").bearer_auth(token))
        .await
}

fn ids(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|session| text(&session["id"]).to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_logging_out_both_tokens_are_refused_at_once() {
    let house = House::open().await;
    let grant = house.advisor("rajesh@example.com").await;
    let access = text(&grant["access_token"]);
    assert_eq!(house.get(access, "/api/auth/me").await.status, 200);
    let seq = house.store.last_seq().await.unwrap();
    let gone = log_out(&house, access).await;
    assert_eq!((gone.status, gone.text.len()), (204, 0));
    assert_eq!(
        house.acts_since(seq).await,
        ["session.revoked", "session.logged_out"]
    );
    for path in [
        "/api/auth/me",
        "/api/v1/auth/me",
        "/api/auth/sessions",
        "/api/auth/rbac/roles",
    ] {
        assert_eq!(house.get(access, path).await.status, 401, "{path}");
    }
    assert_eq!(log_out(&house, access).await.status, 401);
    let refreshed = house.refresh(&grant["refresh_token"]).await;
    assert_eq!(
        (refreshed.status, code(&refreshed)),
        (401, "invalid_refresh_token")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_sees_their_own_sessions_and_which_one_asks() {
    let house = House::open().await;
    let first = house.advisor("rajesh@example.com").await;
    house.advance(1);
    let second = house.log_in("rajesh@example.com").await;
    house.user_in(Role::Client, "priya@example.com").await;
    let access = text(&second["access_token"]);
    let list = house.get(access, "/api/auth/sessions?count=true").await;
    assert_eq!(list.headers["x-total-count"], "2");
    let list = list.body.as_array().unwrap().clone();
    assert_eq!(list.len(), 2);
    assert_eq!(list[0]["current"], true, "the last used stands first");
    assert_eq!(list[1]["current"], false);
    assert!(text(&list[0]["device"]).starts_with("wealthos/"));
    house.advance(5);
    let used = house.refresh(&first["refresh_token"]).await;
    let list = house
        .get(text(&used.body["access_token"]), "/api/auth/sessions")
        .await
        .body;
    assert_eq!(list[0]["current"], true);
    assert_ne!(list[0]["last_used_at"], list[0]["created_at"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_sessions_follow_each_other() {
    let house = House::open().await;
    house.advisor("rajesh@example.com").await;
    house.advance(1);
    house.log_in("rajesh@example.com").await;
    house.advance(1);
    let grant = house.log_in("rajesh@example.com").await;
    let access = text(&grant["access_token"]);
    let all = ids(&house.get(access, "/api/auth/sessions?sort=expires_at").await.body);
    let first = house
        .get(access, "/api/auth/sessions?sort=expires_at&limit=2")
        .await;
    let link = first.headers["link"].to_str().unwrap();
    let next = link.trim_start_matches('<').split('>').next().unwrap();
    house.advance(1);
    let second = house.get(access, next).await;
    assert_eq!([ids(&first.body), ids(&second.body)].concat(), all);
    assert!(!second.headers.contains_key("link"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_ended_from_another_one() {
    let house = House::open().await;
    let lost = house.advisor("rajesh@example.com").await;
    let lost_id = ids(&house
        .get(text(&lost["access_token"]), "/api/auth/sessions")
        .await
        .body)
    .remove(0);
    let kept = house.log_in("rajesh@example.com").await;
    let access = text(&kept["access_token"]);
    let ended = house
        .delete(access, &format!("/api/auth/sessions/{lost_id}"))
        .await;
    assert_eq!(ended.status, 204);
    assert_eq!(
        house
            .get(text(&lost["access_token"]), "/api/auth/me")
            .await
            .status,
        401
    );
    assert_eq!(house.refresh(&lost["refresh_token"]).await.status, 401);
    assert_eq!(ids(&house.get(access, "/api/auth/sessions").await.body).len(), 1);
    let again = house
        .delete(access, &format!("/api/auth/sessions/{lost_id}"))
        .await;
    assert_eq!(again.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_somebody_else_is_as_unknown_as_one_that_never_was() {
    let house = House::open().await;
    let rajesh = house.advisor("rajesh@example.com").await;
    let foreign = ids(&house
        .get(text(&rajesh["access_token"]), "/api/auth/sessions")
        .await
        .body)
    .remove(0);
    for (role, email) in [
        (Role::Client, "priya@example.com"),
        (Role::Admin, "admin@example.com"),
    ] {
        let other = house.user_in(role, email).await;
        let access = text(&other["access_token"]);
        let foreign = house
            .delete(access, &format!("/api/auth/sessions/{foreign}"))
            .await;
        let unknown = house
            .delete(access, "/api/auth/sessions/01890000-0000-7000-8000-000000000000")
            .await;
        let malformed = house.delete(access, "/api/auth/sessions/not-an-id").await;
        assert_eq!(
            (foreign.status, unknown.status, malformed.status),
            (404, 404, 404)
        );
        assert_eq!(foreign.text, unknown.text);
        assert_eq!(foreign.text, malformed.text);
    }
    assert_eq!(
        house
            .get(text(&rajesh["access_token"]), "/api/auth/me")
            .await
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_all_sessions_ends_the_one_that_asks_too_and_nobody_elses() {
    let house = House::open().await;
    let other = house.user_in(Role::Client, "priya@example.com").await;
    let first = house.advisor("rajesh@example.com").await;
    let second = house.log_in("rajesh@example.com").await;
    let all = house
        .delete(text(&second["access_token"]), "/api/v1/auth/sessions")
        .await;
    assert_eq!(all.status, 204);
    for grant in [&first, &second] {
        assert_eq!(
            house
                .get(text(&grant["access_token"]), "/api/auth/me")
                .await
                .status,
            401
        );
        assert_eq!(house.refresh(&grant["refresh_token"]).await.status, 401);
    }
    assert_eq!(
        house
            .get(text(&other["access_token"]), "/api/auth/me")
            .await
            .status,
        200
    );
}
