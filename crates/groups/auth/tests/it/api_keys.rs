use crate::house::{House, code, text};
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Reply;

async fn post(house: &House, token: &str, path: &str, body: &Value) -> Reply {
    house
        .send(house.request(Method::POST, path).bearer_auth(token).json(body))
        .await
}

fn key_of(scopes: &[&str]) -> Value {
    json!({"name": "nightly export", "scopes": scopes, "expires_in_days": 30})
}

async fn exchange(house: &House, key: &Value) -> Reply {
    house.post("/api/auth/token", &json!({"api_key": key})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_exchanged_for_a_token_that_reaches_its_scopes_and_no_more() {
    let house = House::open().await;
    let user = house.advisor("rajesh@example.com").await;
    let token = text(&user["access_token"]);
    let made = post(&house, token, "/api/auth/api-keys", &key_of(&["auth.read"])).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let key = &made.body["api_key"];
    assert!(text(key).starts_with(text(&made.body["key"]["prefix"])));
    assert!(text(key).starts_with("wealthos_"));
    let granted = exchange(&house, key).await;
    assert_eq!(granted.status, 200, "{}", granted.text);
    assert_eq!(granted.body["scope"], "auth.read");
    let narrow = text(&granted.body["access_token"]);
    assert_eq!(
        house.get(narrow, "/api/auth/me").await.body["id"],
        user["user"]["id"]
    );
    let refused = post(&house, narrow, "/api/auth/api-keys", &key_of(&["finance.write"])).await;
    assert_eq!((refused.status, code(&refused)), (403, "forbidden"));
    assert!(refused.text.contains("auth.write"), "{}", refused.text);
    assert_eq!(house.delete(narrow, "/api/auth/sessions").await.status, 403);

    let other = post(&house, token, "/api/auth/api-keys", &key_of(&["finance.read"])).await;
    let other = exchange(&house, &other.body["api_key"]).await;
    let refused = house.get(text(&other.body["access_token"]), "/api/auth/me").await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("auth.read"), "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_and_its_tokens_are_refused() {
    let house = House::open().await;
    let user = house.advisor("rajesh@example.com").await;
    let token = text(&user["access_token"]);
    let made = post(&house, token, "/api/auth/api-keys", &key_of(&["auth.read"]))
        .await
        .body;
    let narrow = exchange(&house, &made["api_key"]).await.body;
    let narrow = text(&narrow["access_token"]);
    let path = format!("/api/auth/api-keys/{}", text(&made["key"]["id"]));
    let stranger = house.advisor("asha@example.com").await;
    assert_eq!(
        house.delete(text(&stranger["access_token"]), &path).await.status,
        404
    );
    assert_eq!(house.get(narrow, "/api/auth/me").await.status, 200);
    assert_eq!(house.delete(token, &path).await.status, 204);
    assert_eq!(
        house.delete(token, &path).await.status,
        204,
        "twice changes nothing"
    );
    assert_eq!(house.get(narrow, "/api/auth/me").await.status, 401);
    let refused = exchange(&house, &made["api_key"]).await;
    assert_eq!((refused.status, code(&refused)), (401, "invalid_api_key"));
    let snapshot = house.revocations.snapshot(&house.system()).await.unwrap();
    assert_eq!(
        snapshot.sessions.len(),
        1,
        "a process that starts now learns of it"
    );
    let listed = house.get(token, "/api/auth/api-keys").await;
    assert!(listed.body[0]["revoked_at"].is_string());
    assert!(!listed.text.contains(text(&made["api_key"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_expires_and_its_last_use_is_noted_once_a_minute() {
    let house = House::open().await;
    let user = house.advisor("rajesh@example.com").await;
    let token = text(&user["access_token"]);
    let key = json!({"name": "one day", "scopes": ["auth.read"], "expires_in_days": 1});
    let made = post(&house, token, "/api/auth/api-keys", &key).await.body;
    assert_eq!(made["key"]["last_used_at"], Value::Null);
    let last_use = async || {
        let fresh = house.log_in("rajesh@example.com").await;
        let keys = house
            .get(text(&fresh["access_token"]), "/api/auth/api-keys")
            .await;
        keys.body[0]["last_used_at"].clone()
    };
    exchange(&house, &made["api_key"]).await;
    let first = last_use().await;
    assert!(first.is_string());
    house.advance(30);
    exchange(&house, &made["api_key"]).await;
    assert_eq!(last_use().await, first);
    house.advance(31);
    exchange(&house, &made["api_key"]).await;
    assert_ne!(last_use().await, first);
    house.advance(24 * 60 * 60);
    assert_eq!(exchange(&house, &made["api_key"]).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn service_accounts_have_keys_and_no_log_in() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let token = text(&admin["access_token"]);
    let account = post(
        &house,
        token,
        "/api/v1/admin/service-accounts",
        &json!({"name": "Exporter"}),
    )
    .await;
    assert_eq!(
        (account.status, &account.body["role"]),
        (201, &json!("service")),
        "{}",
        account.text
    );
    let id = text(&account.body["id"]);
    let path = format!("/api/v1/admin/service-accounts/{id}/api-keys");
    let made = post(&house, token, &path, &key_of(&["auth.read"])).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let granted = exchange(&house, &made.body["api_key"]).await.body;
    let me = house.get(text(&granted["access_token"]), "/api/auth/me").await;
    assert_eq!(me.body["id"], account.body["id"]);
    let own = format!(
        "/api/v1/admin/service-accounts/{}/api-keys",
        text(&admin["user"]["id"])
    );
    assert_eq!(
        post(&house, token, &own, &key_of(&["auth.read"])).await.status,
        404,
        "people make their own"
    );
    let advisor = house.advisor("rajesh@example.com").await;
    let refused = post(
        &house,
        text(&advisor["access_token"]),
        &path,
        &key_of(&["auth.read"]),
    )
    .await;
    assert_eq!(refused.status, 403);
    let firm = house.get(token, "/api/v1/admin/api-keys").await;
    let key = text(&firm.body[0]["id"]);
    house.advance(1);
    let suspended = house
        .send(
            house
                .request(Method::POST, &format!("/api/v1/admin/users/{id}/suspend"))
                .bearer_auth(token),
        )
        .await;
    assert_eq!(suspended.status, 200, "{}", suspended.text);
    assert_eq!(
        house
            .get(text(&granted["access_token"]), "/api/auth/me")
            .await
            .status,
        401
    );
    assert_eq!(exchange(&house, &made.body["api_key"]).await.status, 401);
    assert_eq!(
        house
            .delete(token, &format!("/api/v1/admin/api-keys/{key}"))
            .await
            .status,
        204
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_is_refused_and_no_key_is_stored() {
    let house = House::open().await;
    let user = house.advisor("rajesh@example.com").await;
    let token = text(&user["access_token"]);
    for (field, value) in [
        ("scopes", json!([])),
        ("scopes", json!(["auth.write"])),
        ("scopes", json!(["everything"])),
        ("scopes", json!(["finance.delete"])),
        ("expires_in_days", json!(0)),
        ("expires_in_days", json!(366)),
        ("name", json!("")),
        ("role", json!("admin")),
    ] {
        let mut wrong = key_of(&["finance.read"]);
        wrong[field] = value;
        let refused = post(&house, token, "/api/auth/api-keys", &wrong).await;
        assert_eq!(refused.status, 422, "{wrong}: {}", refused.text);
    }
    let made = post(&house, token, "/api/auth/api-keys", &key_of(&["auth.read"]))
        .await
        .body;
    let key = text(&made["api_key"]).to_owned();
    let (prefix, secret) = key.split_once('.').unwrap();
    for wrong in [
        json!("x"),
        json!(format!("{prefix}.")),
        json!(format!("{prefix}.{}", "A".repeat(43))),
        json!(format!("{key}x")),
    ] {
        assert_eq!(exchange(&house, &wrong).await.status, 401, "{wrong}");
    }
    let secret = secret.to_owned();
    let raw = house.into_raw_store().await;
    assert!(
        !raw.windows(secret.len())
            .any(|window| window == secret.as_bytes())
    );
}
