use crate::house::{House, PASSWORD, code, text};
use kernel::Role;
use serde_json::{Value, json};
use testkit::Reply;

const PRIYA: &str = "priya@example.com";

async fn invite(house: &House, by: &Value, role: &str) -> Reply {
    let body = json!({"email": PRIYA, "name": "Priya", "role": role});
    house
        .post_as(text(&by["access_token"]), "/api/auth/invitations", &body)
        .await
}

async fn accept(house: &House, token: &str) -> Reply {
    let body = json!({"token": token, "password": PASSWORD});
    house.post("/api/v1/auth/invitations/accept", &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_advisor_chooses_a_password_and_is_in() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let invited = invite(&house, &admin, "advisor").await;
    assert_eq!(invited.status, 201, "{}", invited.text);
    assert_eq!(
        (&invited.body["status"], &invited.body["email"]),
        (&json!("invited"), &Value::Null)
    );
    assert_eq!(house.try_log_in(PRIYA, PASSWORD).await.status, 401);
    let mail = house.mail.first_to(PRIYA).await;
    let user = accept(&house, &mail.code()).await;
    assert_eq!(user.status, 200, "{}", user.text);
    assert_eq!(user.body["id"], invited.body["id"]);
    assert_eq!(
        (&user.body["role"], &user.body["email_verified"]),
        (&json!("advisor"), &json!(true))
    );
    assert_eq!(code(&accept(&house, &mail.code()).await), "invalid_token");
    assert_eq!(house.log_in(PRIYA).await["user"]["status"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn advisors_invite_clients_only_and_clients_nobody() {
    let house = House::open().await;
    let advisor = house.advisor("rajesh@example.com").await;
    let client = house.user_in(Role::Client, "client@example.com").await;
    assert_eq!(invite(&house, &advisor, "advisor").await.status, 403);
    assert_eq!(invite(&house, &client, "client").await.status, 403);
    assert_eq!(invite(&house, &advisor, "client").await.status, 201);
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    assert_eq!(invite(&house, &admin, "service").await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_sent_again_by_who_invited_and_ends_after_a_week() {
    let house = House::open().await;
    let advisor = house.advisor("rajesh@example.com").await;
    let other = house.advisor("other@example.com").await;
    let invited = invite(&house, &advisor, "client").await;
    let first = house.mail.first_to(PRIYA).await.code();
    let path = format!("/api/auth/invitations/{}/send", text(&invited.body["id"]));
    let send = async |by: &Value| {
        let body = json!({ "email": PRIYA });
        house.post_as(text(&by["access_token"]), &path, &body).await
    };
    assert_eq!(send(&other).await.status, 404, "somebody else's");
    assert_eq!(send(&advisor).await.status, 429, "a moment ago");
    house.advance(61);
    assert_eq!(send(&advisor).await.status, 202);
    let second = house.mail.nth_to(2, PRIYA).await.code();
    assert_eq!(code(&accept(&house, &first).await), "invalid_token");
    house.advance(7 * 24 * 3600);
    assert_eq!(code(&accept(&house, &second).await), "invalid_token");
}

/// Who sees every user of the firm is told; to an advisor a taken address looks like any other, and its owner is told.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_not_invited_and_an_advisor_cannot_tell() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let advisor = house.user_in(Role::Advisor, "rajesh@example.com").await;
    house.make(Role::Client, PRIYA).await;
    assert_eq!(code(&invite(&house, &admin, "client").await), "email_taken");
    let blind = invite(&house, &advisor, "client").await;
    assert_eq!((blind.status, &blind.body["email"]), (201, &Value::Null));
    let mail = house.mail.first_to(PRIYA).await;
    assert_eq!(mail.subject, "You have an account already");
    house.log_in(PRIYA).await;
    let elsewhere = kernel::TenantId(house.sources.ids().next());
    house
        .make_in(elsewhere, Role::Client, "foreign@example.com")
        .await;
    let body = json!({"email": "foreign@example.com", "name": "Priya", "role": "client"});
    let foreign = house
        .post_as(text(&admin["access_token"]), "/api/auth/invitations", &body)
        .await;
    assert_eq!(
        foreign.status, 201,
        "who has an account elsewhere is nobody's business"
    );
}
