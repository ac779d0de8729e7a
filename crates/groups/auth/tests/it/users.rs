use crate::house::{House, text};
use kernel::Role;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_seen_by_themselves_and_by_the_overseers_of_the_firm() {
    let house = House::open().await;
    let priya = house.user_in(Role::Client, "priya@example.com").await;
    let path = format!("/api/v1/users/{}", text(&priya["user"]["id"]));
    let own = house.get(text(&priya["access_token"]), &path).await;
    assert_eq!((own.status, &own.body), (200, &priya["user"]));
    assert_eq!(own.headers["etag"], "\"1\"");
    for (role, email, status) in [
        (Role::Admin, "admin@example.com", 200),
        (Role::Compliance, "comp@example.com", 200),
        (Role::Advisor, "rajesh@example.com", 404),
        (Role::Client, "other@example.com", 404),
    ] {
        let other = house.user_in(role, email).await;
        let access = text(&other["access_token"]);
        let seen = house.get(access, &path).await;
        assert_eq!(seen.status, status, "{role:?}");
        if status == 404 {
            let unknown = house
                .get(access, "/api/v1/users/01890000-0000-7000-8000-000000000000")
                .await;
            let malformed = house.get(access, "/api/v1/users/me").await;
            assert_eq!(seen.text, unknown.text);
            assert_eq!(seen.text, malformed.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overseer_of_another_firm_sees_nobody_here() {
    let house = House::open().await;
    let priya = house.make(Role::Client, "priya@example.com").await;
    let elsewhere = kernel::TenantId(house.sources.ids().next());
    let cx = kernel::CallContext::system("tests", elsewhere, house.sources.ids());
    house
        .accounts
        .create(&cx, crate::house::new_user(Role::Admin, "admin@elsewhere.com"))
        .await
        .unwrap();
    let admin = house.log_in("admin@elsewhere.com").await;
    let access = text(&admin["access_token"]);
    assert_eq!(
        house
            .get(access, &format!("/api/v1/users/{}", priya.id))
            .await
            .status,
        404
    );
    let listed = house.get(access, "/api/auth/rbac/assignments").await.body;
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let path = format!("/api/auth/rbac/assignments/{}", priya.id);
    let given = house
        .put(access, &path, &serde_json::json!({"role": "admin"}))
        .await;
    assert_eq!(given.status, 404);
}
