//! The second factor where it matters most: demanded of a role, lost, guessed.

use crate::{
    house::{House, PASSWORD, cheap, code, text},
    mfa::{PRIYA, post, turn_on},
};
use auth::AuthPolicy;
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Reply;

/// The first step of a log-in from this address.
async fn begin(house: &House, address: &str) -> Reply {
    let request = house
        .request(Method::POST, "/api/auth/login")
        .header("x-forwarded-for", address)
        .json(&json!({"email": PRIYA, "password": PASSWORD}));
    house.send(request).await
}

async fn finish(house: &House, address: &str, begun: &Reply, field: &str, value: &str) -> Reply {
    let request = house
        .request(Method::POST, "/api/auth/mfa/challenge")
        .header("x-forwarded-for", address)
        .json(&json!({"mfa_token": begun.body["mfa_token"], field: value}));
    house.send(request).await
}

/// Whoever knows the password and no more sends wrong codes from several addresses, as many as they like.
async fn guess(house: &House, rounds: usize) {
    for round in 0..rounds {
        let address = format!("203.0.113.{round}");
        let begun = begin(house, &address).await;
        if begun.status != 202 {
            continue;
        }
        for _ in 0..5 {
            finish(house, &address, &begun, "code", "000000").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knows_the_password_only_cannot_keep_the_user_out() {
    let house = House::behind_proxy().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let (app, codes) = turn_on(&house, &grant).await;
    let home = "198.51.100.7";
    let begun = begin(&house, home).await;
    assert_eq!(
        finish(&house, home, &begun, "code", &app.code(&house))
            .await
            .status,
        200
    );
    house.advance(30);

    guess(&house, 8).await;
    let begun = begin(&house, "203.0.113.99").await;
    let stranger = finish(&house, "203.0.113.99", &begun, "code", &app.code(&house)).await;
    assert_eq!(
        stranger.status, 429,
        "whoever is not known waits: {}",
        stranger.text
    );
    let begun = begin(&house, home).await;
    let owner = finish(&house, home, &begun, "code", &app.code(&house)).await;
    assert_eq!(
        owner.status, 200,
        "the owner at home waits for nobody: {}",
        owner.text
    );
    // Somewhere else and without patience: a recovery code is always looked at.
    let away = "192.0.2.4";
    let begun = begin(&house, away).await;
    let owner = finish(&house, away, &begun, "recovery_code", &codes[0]).await;
    assert_eq!(owner.status, 200, "{}", owner.text);
    // And in a session that is open, nobody else's guesses count.
    house.advance(30);
    let renew = json!({"proof": {"password": PASSWORD, "code": app.code(&house)}});
    let renewed = post(&house, &grant, "/api/auth/mfa/recovery-codes", &renew).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_that_are_sent_at_once_are_counted_like_guesses_one_after_the_other() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let (app, _) = turn_on(&house, &grant).await;
    let proof = json!({"proof": {"password": PASSWORD, "code": "000000"}});
    let all = (0..30).map(|_| post(&house, &grant, "/api/auth/mfa/recovery-codes", &proof));
    let replies = futures::future::join_all(all).await;
    let looked_at = replies.iter().filter(|reply| reply.status == 403).count();
    assert!(looked_at <= 5, "{looked_at} codes were looked at");
    house.advance(1);
    let right = json!({"proof": {"password": PASSWORD, "code": app.code(&house)}});
    let renewed = post(&house, &grant, "/api/auth/mfa/recovery-codes", &right).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
}

/// A stolen session is no place to guess the password in.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_in_a_proof_make_that_session_wait_and_no_other() {
    let house = House::open().await;
    let stolen = house.user_in(Role::Client, PRIYA).await;
    let own = house.log_in(PRIYA).await;
    let enrol = async |grant: &Value, password: &str| {
        let proof = json!({"proof": {"password": password}});
        post(&house, grant, "/api/auth/mfa/enroll", &proof).await
    };
    for _ in 0..5 {
        assert_eq!(code(&enrol(&stolen, "wrong horse").await), "wrong_proof");
    }
    let waiting = enrol(&stolen, PASSWORD).await;
    assert_eq!((waiting.status, waiting.header("retry-after")), (429, Some("1")));
    assert_eq!(enrol(&own, PASSWORD).await.status, 200);
    house.advance(1);
    assert_eq!(enrol(&stolen, PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_takes_a_lost_second_factor_away_and_every_session_ends() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let compliance = house.user_in(Role::Compliance, "watch@example.com").await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    turn_on(&house, &grant).await;
    let path = format!("/api/v1/admin/users/{}/mfa/reset", text(&grant["user"]["id"]));
    let proof = json!({"proof": {"password": PASSWORD}});
    let refused = post(&house, &compliance, &path, &proof).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("mfa.reset"), "{}", refused.text);
    let unproven = json!({"proof": {"password": "wrong horse"}});
    assert_eq!(code(&post(&house, &admin, &path, &unproven).await), "wrong_proof");
    let own = format!("/api/v1/admin/users/{}/mfa/reset", text(&admin["user"]["id"]));
    assert_eq!(code(&post(&house, &admin, &own, &proof).await), "own_account");
    assert_eq!(house.try_log_in(PRIYA, PASSWORD).await.status, 202);

    let seq = house.store.last_seq().await.unwrap();
    house.advance(1);
    assert_eq!(post(&house, &admin, &path, &proof).await.status, 204);
    let acts = house.acts_since(seq).await;
    assert!(acts.contains(&"mfa.reset".to_owned()), "{acts:?}");
    assert_eq!(
        house
            .get(text(&grant["access_token"]), "/api/auth/me")
            .await
            .status,
        401
    );
    assert_eq!(house.refresh(&grant["refresh_token"]).await.status, 401);
    house.mail.titled("Your two-step log-in was reset", PRIYA).await;
    assert_eq!(
        house.try_log_in(PRIYA, PASSWORD).await.status,
        200,
        "the password is enough again"
    );
    assert_eq!(
        code(&post(&house, &admin, &path, &proof).await),
        "mfa_not_enrolled"
    );
}

fn demanding() -> AuthPolicy {
    AuthPolicy {
        password_cost: cheap(),
        mfa_required: vec![Role::Admin],
        ..AuthPolicy::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_needs_a_second_factor_counts_once_it_is_enrolled() {
    let house = House::with(demanding()).await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let client = house.user_in(Role::Client, PRIYA).await;
    assert_eq!(admin["mfa_enrolment_required"], true);
    assert_eq!(client["mfa_enrolment_required"], false);
    let me = house.get(text(&admin["access_token"]), "/api/auth/me").await;
    assert_eq!(me.body["mfa_enrolment_required"], true);
    for path in [
        "/api/v1/admin/users",
        "/api/v1/admin/audit",
        "/api/auth/rbac/assignments",
    ] {
        let early = house.get(text(&admin["access_token"]), path).await;
        assert_eq!(early.status, 403, "{path}: {}", early.text);
    }
    let suspend = format!("/api/v1/admin/users/{}/suspend", text(&client["user"]["id"]));
    assert_eq!(post(&house, &admin, &suspend, &json!({})).await.status, 403);

    let (app, _) = turn_on(&house, &admin).await;
    let next = house.refresh(&admin["refresh_token"]).await.body;
    assert_eq!(
        next["mfa_enrolment_required"], false,
        "an exchange of the refresh token is enough"
    );
    assert_eq!(
        house
            .get(text(&next["access_token"]), "/api/v1/admin/users")
            .await
            .status,
        200
    );
    let off = json!({"proof": {"password": PASSWORD, "code": app.code(&house)}});
    let off = post(&house, &next, "/api/auth/mfa/disable", &off).await;
    assert_eq!((off.status, code(&off)), (409, "mfa_mandatory"));
}
