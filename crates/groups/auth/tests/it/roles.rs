use crate::house::{House, code, text};
use kernel::Role;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_permissions_are_told_to_whoever_is_logged_in() {
    let house = House::open().await;
    let client = house.user_in(Role::Client, "priya@example.com").await;
    let access = text(&client["access_token"]);
    let roles = house.get(access, "/api/auth/rbac/roles").await.body;
    let names: Vec<_> = roles
        .as_array()
        .unwrap()
        .iter()
        .map(|role| text(&role["role"]))
        .collect();
    assert_eq!(names, ["admin", "advisor", "compliance", "client", "service"]);
    let permissions = house.get(access, "/api/auth/rbac/permissions").await.body;
    let known: Vec<_> = permissions
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["permission"]))
        .collect();
    let admin: Vec<_> = roles[0]["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect();
    assert_eq!(admin, known, "an admin has every permission there is");
    let anonymous = house
        .send(house.request(reqwest::Method::GET, "/api/auth/rbac/roles"))
        .await;
    assert_eq!((anonymous.status, code(&anonymous)), (401, "unauthenticated"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_role_makes_older_access_tokens_useless_and_a_refresh_brings_it() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let user = house.user_in(Role::Client, "priya@example.com").await;
    let path = format!("/api/auth/rbac/assignments/{}", text(&user["user"]["id"]));
    let seq = house.store.last_seq().await.unwrap();
    house.advance(1);
    let given = house
        .put(text(&admin["access_token"]), &path, &json!({"role": "advisor"}))
        .await;
    assert_eq!(given.status, 200, "{:?}", given.body);
    assert_eq!(
        (&given.body["role"], &given.body["role_version"]),
        (&json!("advisor"), &json!(2))
    );
    assert_eq!(
        house.acts_since(seq).await,
        ["role.changed", "user.updated", "role.assigned"]
    );
    assert_eq!(
        house
            .get(text(&user["access_token"]), "/api/auth/me")
            .await
            .status,
        401
    );
    let next = house.refresh(&user["refresh_token"]).await.body;
    assert_eq!(next["user"]["role"], "advisor");
    assert_eq!(
        house
            .get(text(&next["access_token"]), "/api/auth/me")
            .await
            .status,
        200
    );
    let seq = house.store.last_seq().await.unwrap();
    let same = house
        .put(text(&admin["access_token"]), &path, &json!({"role": "advisor"}))
        .await;
    assert_eq!(same.body, given.body);
    assert_eq!(
        house.store.last_seq().await.unwrap(),
        seq,
        "the role one has changes nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_gives_roles_and_nobody_their_own() {
    let house = House::open().await;
    let target = house.make(Role::Client, "priya@example.com").await;
    let path = format!("/api/auth/rbac/assignments/{}", target.id);
    for (role, email) in [
        (Role::Advisor, "rajesh@example.com"),
        (Role::Compliance, "comp@example.com"),
        (Role::Client, "client@example.com"),
        (Role::Service, "service@example.com"),
    ] {
        let grant = house.user_in(role, email).await;
        let refused = house
            .put(text(&grant["access_token"]), &path, &json!({"role": "admin"}))
            .await;
        assert_eq!((refused.status, code(&refused)), (403, "forbidden"), "{role:?}");
    }
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let own = format!("/api/auth/rbac/assignments/{}", text(&admin["user"]["id"]));
    let refused = house
        .put(text(&admin["access_token"]), &own, &json!({"role": "client"}))
        .await;
    assert_eq!((refused.status, code(&refused)), (409, "own_role"));
    let unknown = "/api/auth/rbac/assignments/01890000-0000-7000-8000-000000000000";
    let unknown = house
        .put(text(&admin["access_token"]), unknown, &json!({"role": "client"}))
        .await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn assignments_are_listed_for_overseers_with_filter_order_and_pages() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    for (step, role) in [Role::Client, Role::Advisor, Role::Client]
        .into_iter()
        .enumerate()
    {
        house.advance(1);
        house.make(role, &format!("user{step}@example.com")).await;
    }
    let access = text(&admin["access_token"]);
    let all = house.get(access, "/api/auth/rbac/assignments?count=true").await;
    assert_eq!(all.headers["x-total-count"], "4");
    assert_eq!(all.body[0]["role"], "admin");
    let clients = house
        .get(access, "/api/auth/rbac/assignments?role=client&sort=-created_at")
        .await
        .body;
    assert_eq!(clients.as_array().unwrap().len(), 2);
    assert_eq!(clients[0], all.body[3]);
    for query in [
        "role=root",
        "sort=name",
        "status=active",
        "limit=0",
        "limit=201",
        "cursor=x",
        "count=maybe",
    ] {
        let refused = house
            .get(access, &format!("/api/auth/rbac/assignments?{query}"))
            .await;
        assert_eq!(refused.status, 422, "{query}");
        assert_eq!(refused.fields(), [query.split('=').next().unwrap()]);
    }
    let advisor = house.user_in(Role::Advisor, "rajesh@example.com").await;
    let refused = house
        .get(text(&advisor["access_token"]), "/api/auth/rbac/assignments")
        .await;
    assert_eq!(refused.status, 403);
    let compliance = house.user_in(Role::Compliance, "comp@example.com").await;
    let seen = house
        .get(text(&compliance["access_token"]), "/api/auth/rbac/assignments")
        .await;
    assert_eq!(seen.status, 200);
}
