use crate::house::{House, base64url, code, text};
use kernel::{Role, TenantId};
use reqwest::Method;
use serde_json::{Value, json};

fn user_path(user: &Value, act: &str) -> String {
    format!("/api/v1/admin/users/{}/{act}", text(&user["user"]["id"]))
}

async fn act(house: &House, token: &Value, path: &str) -> testkit::Reply {
    house
        .send(house.request(Method::POST, path).bearer_auth(text(token)))
        .await
}

async fn impersonate(house: &House, token: &Value, path: &str) -> testkit::Reply {
    let request = house.request(Method::POST, path).bearer_auth(text(token));
    house.send(request.json(&json!({"reason": "ticket 4711"}))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_and_compliance_list_the_users_of_their_firm() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let compliance = house.user_in(Role::Compliance, "comp@example.com").await;
    let advisor = house.advisor("rajesh@example.com").await;
    let elsewhere = TenantId(house.sources.ids().next());
    house.make_in(elsewhere, Role::Client, "other@example.com").await;
    for grant in [&admin, &compliance] {
        let token = text(&grant["access_token"]);
        let all = house.get(token, "/api/v1/admin/users?count=true").await;
        assert_eq!(all.header("x-total-count"), Some("3"), "{}", all.text);
        assert!(!all.text.contains("other@example.com"));
        for query in [
            "role=advisor",
            "email=Rajesh@example.com",
            "role=advisor&status=active&sort=-created_at",
        ] {
            let found = house.get(token, &format!("/api/v1/admin/users?{query}")).await;
            assert_eq!(
                found.body[0]["email"], "rajesh@example.com",
                "{query}: {}",
                found.text
            );
            assert_eq!(found.body.as_array().unwrap().len(), 1);
        }
    }
    let refused = house
        .get(text(&advisor["access_token"]), "/api/v1/admin/users")
        .await;
    assert_eq!((refused.status, code(&refused)), (403, "forbidden"));
    assert!(refused.text.contains("users.read"), "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_user_is_refused_until_restored() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let user = house.user_in(Role::Client, "priya@example.com").await;
    house.advance(1);
    let suspended = act(&house, &admin["access_token"], &user_path(&user, "suspend")).await;
    assert_eq!(
        (suspended.status, &suspended.body["status"]),
        (200, &json!("suspended")),
        "{}",
        suspended.text
    );
    assert_eq!(
        house
            .get(text(&user["access_token"]), "/api/auth/me")
            .await
            .status,
        401
    );
    assert_eq!(house.refresh(&user["refresh_token"]).await.status, 401);
    let proof = json!({"email": "priya@example.com", "password": crate::house::PASSWORD});
    let log_in = house.post("/api/auth/login", &proof).await;
    assert_eq!((log_in.status, code(&log_in)), (403, "account_suspended"));
    let wrong = json!({"email": "priya@example.com", "password": "not the password"});
    assert_eq!(
        house.post("/api/auth/login", &wrong).await.status,
        401,
        "who does not know the password learns nothing"
    );
    let snapshot = house.revocations.snapshot(&house.system()).await.unwrap();
    assert_eq!(snapshot.roles.len(), 1, "a process that starts now learns of it");

    let restored = act(&house, &admin["access_token"], &user_path(&user, "restore")).await;
    assert_eq!(
        (restored.status, &restored.body["status"]),
        (200, &json!("active")),
        "{}",
        restored.text
    );
    assert_eq!(
        house.refresh(&user["refresh_token"]).await.status,
        401,
        "old log-ins stay ended"
    );
    let again = house.log_in("priya@example.com").await;
    assert_eq!(
        house
            .get(text(&again["access_token"]), "/api/auth/me")
            .await
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_logs_a_user_out_everywhere() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let first = house.user_in(Role::Client, "priya@example.com").await;
    let second = house.log_in("priya@example.com").await;
    house.advance(1);
    let done = act(&house, &admin["access_token"], &user_path(&first, "logout")).await;
    assert_eq!(done.status, 204, "{}", done.text);
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
    house.log_in("priya@example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_does_any_of_it_to_themselves_to_strangers_or_without_the_permission() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let user = house.user_in(Role::Client, "priya@example.com").await;
    let elsewhere = TenantId(house.sources.ids().next());
    let foreign = house.make_in(elsewhere, Role::Client, "other@example.com").await;
    for (path, permission) in [
        ("suspend", "users.suspend"),
        ("restore", "users.suspend"),
        ("logout", "sessions.revoke"),
    ] {
        let refused = act(&house, &user["access_token"], &user_path(&admin, path)).await;
        assert_eq!(refused.status, 403, "{path}");
        assert!(refused.text.contains(permission), "{}", refused.text);
        let unknown = format!("/api/v1/admin/users/0190a5c0-0000-7000-8000-000000000000/{path}");
        let unknown = act(&house, &admin["access_token"], &unknown).await;
        let path = format!("/api/v1/admin/users/{}/{path}", foreign.id);
        let foreign = act(&house, &admin["access_token"], &path).await;
        assert_eq!((foreign.status, &foreign.text), (404, &unknown.text), "{path}");
    }
    for path in ["suspend", "restore"] {
        let own = act(&house, &admin["access_token"], &user_path(&admin, path)).await;
        assert_eq!((own.status, code(&own)), (409, "own_account"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acting_as_a_user_is_marked_recorded_and_short() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let other_admin = house.user_in(Role::Admin, "boss@example.com").await;
    let user = house.user_in(Role::Client, "priya@example.com").await;
    let seq = house.store.last_seq().await.unwrap();
    let grant = impersonate(&house, &admin["access_token"], &user_path(&user, "impersonate")).await;
    assert_eq!(grant.status, 200, "{}", grant.text);
    assert_eq!(house.acts_since(seq).await, ["user.impersonated"]);
    assert!(grant.body.get("refresh_token").is_none());
    let token = text(&grant.body["access_token"]);
    let claims: Value = serde_json::from_slice(&base64url(token.split('.').nth(1).unwrap())).unwrap();
    assert_eq!(claims["act"]["sub"], admin["user"]["id"]);
    assert_eq!(claims["sub"], user["user"]["id"]);
    let me = house.get(token, "/api/auth/me").await;
    assert_eq!(me.body["email"], "priya@example.com");
    assert_eq!(me.header("x-impersonated-by"), Some(text(&admin["user"]["id"])));
    assert_eq!(me.body["impersonated_by"], admin["user"]["id"]);
    let own = house.get(text(&user["access_token"]), "/api/auth/me").await;
    assert_eq!(own.header("x-impersonated-by"), None);

    let refused = impersonate(
        &house,
        &admin["access_token"],
        &user_path(&other_admin, "impersonate"),
    )
    .await;
    assert_eq!((refused.status, code(&refused)), (409, "not_to_impersonate"));
    let refused = impersonate(
        &house,
        &user["access_token"],
        &user_path(&other_admin, "impersonate"),
    )
    .await;
    assert_eq!(refused.status, 403);
    let key = json!({"name": "mine", "scopes": ["finance.read"], "expires_in_days": 1});
    let request = house
        .request(Method::POST, "/api/auth/api-keys")
        .bearer_auth(token);
    assert_eq!(
        house.send(request.json(&key)).await.status,
        403,
        "a key would outlive the impersonation"
    );
    house.advance(301 + 5);
    assert_eq!(house.get(token, "/api/auth/me").await.status, 401);
}

/// Whoever acts as a user does so with a log-in of their own, and no longer than that.
#[tokio::test(flavor = "multi_thread")]
async fn acting_as_a_user_ends_with_the_log_in_and_the_role_of_who_acts() {
    let house = House::open().await;
    let boss = house.user_in(Role::Admin, "boss@example.com").await;
    let user = house.user_in(Role::Client, "priya@example.com").await;
    let acting = async |admin: &Value| {
        let grant = impersonate(&house, &admin["access_token"], &user_path(&user, "impersonate")).await;
        assert_eq!(grant.status, 200, "{}", grant.text);
        let token = text(&grant.body["access_token"]).to_owned();
        assert_eq!(house.get(&token, "/api/auth/me").await.status, 200);
        token
    };
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let token = acting(&admin).await;
    act(&house, &admin["access_token"], "/api/auth/logout").await;
    assert_eq!(house.get(&token, "/api/auth/me").await.status, 401, "logged out");

    let admin = house.log_in("admin@example.com").await;
    let token = acting(&admin).await;
    let role = format!("/api/auth/rbac/assignments/{}", text(&admin["user"]["id"]));
    let role = house
        .put(text(&boss["access_token"]), &role, &json!({"role": "client"}))
        .await;
    assert_eq!(role.status, 200, "{}", role.text);
    assert_eq!(
        house.get(&token, "/api/auth/me").await.status,
        401,
        "no administrator any more"
    );

    let second = house.user_in(Role::Admin, "second@example.com").await;
    let token = acting(&second).await;
    act(&house, &boss["access_token"], &user_path(&second, "suspend")).await;
    assert_eq!(house.get(&token, "/api/auth/me").await.status, 401, "suspended");
    let own = house.get(text(&user["access_token"]), "/api/auth/me").await;
    assert_eq!(own.status, 200, "the user goes on");
}
