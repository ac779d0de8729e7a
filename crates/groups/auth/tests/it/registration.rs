use crate::house::{House, PASSWORD, cheap, code, new_user, text};
use auth::{AuthFailure, AuthPolicy};
use futures::future::join_all;
use kernel::Role;
use serde_json::json;
use testkit::Reply;

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
        for (field, value) in made.body.as_object().unwrap() {
            assert_eq!(me.body[field], *value, "{field}");
        }
        assert_eq!(me.body["impersonated_by"], json!(null));
    }
    assert_eq!(
        house.acts_since(0).await[..2],
        ["user.registered", "user.registered"]
    );
}

/// The names of the fields of an answer, sorted.
fn shape(reply: &Reply) -> Vec<&str> {
    let mut names: Vec<_> = reply
        .body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_registers_with_an_address_that_is_taken_cannot_tell_and_its_owner_is_told() {
    let house = House::open().await;
    let made = house.register("priya@example.com", "client").await;
    assert_eq!(
        house.mail.first_to("priya@example.com").await.subject,
        "Confirm your e-mail address"
    );
    house.advance(61);
    let body = json!({
        "email": "PRIYA@example.com", "password": "another horse", "name": "Eve", "role": "advisor"
    });
    let again = house.post("/api/auth/register", &body).await;
    assert_eq!((again.status, shape(&again)), (made.status, shape(&made)));
    assert_eq!(again.body["email"], "PRIYA@example.com");
    assert_eq!(again.body["role"], "advisor");
    for field in ["status", "email_verified", "tenant_id"] {
        assert_eq!(again.body[field], made.body[field], "{field}");
    }
    assert_ne!(again.body["id"], made.body["id"]);
    let mail = house.mail.nth_to(2, "priya@example.com").await;
    assert_eq!(mail.subject, "You have an account already");
    assert!(
        !mail.text.contains("Eve"),
        "nothing of a stranger is mailed: {}",
        mail.text
    );

    let eve = house.try_log_in("priya@example.com", "another horse").await;
    assert_eq!((eve.status, code(&eve)), (401, "invalid_credentials"));
    let owner = house.log_in("priya@example.com").await;
    assert_eq!(owner["user"]["id"], made.body["id"]);
    assert_eq!(owner["user"]["name"], "Rajesh Kumar");
    assert_eq!(owner["user"]["role"], "client");
    let acts = house.acts_since(0).await;
    assert!(acts.contains(&"user.registration_refused".to_owned()), "{acts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_register_one_email_at_once_one_gets_it_and_none_can_tell() {
    let house = House::open().await;
    let all = (0..20).map(|_| house.register("priya@example.com", "client"));
    let replies = join_all(all).await;
    assert!(replies.iter().all(|reply| reply.status == 201));
    let me = house.log_in("priya@example.com").await;
    let real = replies
        .iter()
        .filter(|reply| reply.body["id"] == me["user"]["id"]);
    assert_eq!(real.count(), 1);
    let made = house.acts_since(0).await;
    let made = made.iter().filter(|act| *act == "user.registered").count();
    assert_eq!(made, 2, "one user: an event and a record");
}

/// Where an address must be confirmed before the first log-in, a registered and a taken one cannot be told apart at all.
#[tokio::test(flavor = "multi_thread")]
async fn who_must_confirm_the_address_first_is_refused_like_nobody_until_then() {
    let house = House::with(AuthPolicy {
        password_cost: cheap(),
        unverified_log_in: false,
        ..AuthPolicy::default()
    })
    .await;
    assert_eq!(house.register("priya@example.com", "client").await.status, 201);
    let early = house.try_log_in("priya@example.com", PASSWORD).await;
    let nobody = house.try_log_in("nobody@example.com", PASSWORD).await;
    assert_eq!((early.status, code(&early)), (401, "invalid_credentials"));
    assert_eq!(
        (nobody.status, &nobody.body["message"]),
        (401, &early.body["message"])
    );
    let code = house.mail.first_to("priya@example.com").await.code();
    let verified = house
        .post("/api/auth/email/verify", &json!({ "token": code }))
        .await;
    assert_eq!(verified.status, 204, "{}", verified.text);
    house.log_in("priya@example.com").await;
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
