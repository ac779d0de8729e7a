use crate::house::{House, PASSWORD, cheap, code, new_user, text};
use auth::{AuthFailure, AuthPolicy};
use futures::future::join_all;
use kernel::Role;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_registers_is_there_and_can_log_in_under_both_prefixes() {
    let house = House::open().await;
    let made = house.register("Rajesh.Kumar@Example.com", "advisor").await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["email"], "Rajesh.Kumar@Example.com");
    assert_eq!(made.body["role"], "advisor");
    assert_eq!(made.body["status"], "active");
    assert_eq!(made.body["name"], "Rajesh Kumar");
    for prefix in ["/api/auth", "/api/v1/auth"] {
        let body = json!({"email": "rajesh.kumar@EXAMPLE.com", "password": PASSWORD});
        let grant = house.post(&format!("{prefix}/login"), &body).await;
        assert_eq!(grant.status, 200);
        let me = house
            .get(text(&grant.body["access_token"]), &format!("{prefix}/me"))
            .await;
        assert_eq!(me.body, made.body);
    }
    assert_eq!(
        house.acts_since(0).await[..2],
        ["user.registered", "user.registered"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_is_taken_once_whatever_its_case() {
    let house = House::open().await;
    assert_eq!(house.register("priya@example.com", "client").await.status, 201);
    let before = house.store.last_seq().await.unwrap();
    let again = house.register("PRIYA@example.com", "advisor").await;
    assert_eq!((again.status, code(&again)), (409, "email_taken"));
    assert_eq!(again.fields(), ["email"]);
    assert_eq!(
        house.store.last_seq().await.unwrap(),
        before,
        "nothing is written"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_register_one_email_at_once_one_gets_it() {
    let house = House::open().await;
    let all = (0..20).map(|_| house.register("priya@example.com", "client"));
    let replies = join_all(all).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    let taken = replies.iter().filter(|reply| reply.status == 409).count();
    assert_eq!((made, taken), (1, 19));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_open_roles_can_be_registered_in() {
    let house = House::with(AuthPolicy {
        open_registration: vec![Role::Client],
        password_cost: cheap(),
        ..AuthPolicy::default()
    })
    .await;
    assert_eq!(house.register("priya@example.com", "client").await.status, 201);
    let closed = house.register("rajesh@example.com", "advisor").await;
    assert_eq!((closed.status, code(&closed)), (403, "registration_closed"));
    for role in ["admin", "compliance", "service", "root", ""] {
        let refused = house.register("eve@example.com", role).await;
        assert_eq!((refused.status, refused.fields()), (422, vec!["role"]), "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_users_in_any_role_and_a_seed_may_run_again() {
    let house = House::open().await;
    let cx = house.system();
    let admin = house
        .accounts
        .create(&cx, new_user(Role::Admin, "admin@example.com"))
        .await
        .unwrap();
    assert_eq!(admin.role, Role::Admin);
    let again = house
        .accounts
        .create(&cx, new_user(Role::Admin, "admin@example.com"))
        .await;
    assert!(matches!(again, Err(AuthFailure::EmailTaken)));
    let seq = house.store.last_seq().await.unwrap();
    let known = house
        .accounts
        .ensure(&cx, new_user(Role::Client, "admin@example.com"))
        .await
        .unwrap();
    assert_eq!(known, admin, "what is there stays as it is");
    assert_eq!(house.store.last_seq().await.unwrap(), seq);
    let fresh = house
        .accounts
        .ensure(&cx, new_user(Role::Client, "priya@example.com"))
        .await
        .unwrap();
    assert_eq!(fresh.role, Role::Client);
    house.log_in("priya@example.com").await;
}
