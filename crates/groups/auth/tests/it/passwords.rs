use crate::house::{House, PASSWORD, cheap, code, text};
use auth::{AuthPolicy, BreachedPasswords};
use futures::future::join_all;
use kernel::Role;
use serde_json::{Value, json};
use testkit::Reply;

const PRIYA: &str = "priya@example.com";
const NEW: &str = "a brand new horse";

async fn forgot(house: &House, email: &str) -> Reply {
    house
        .post("/api/auth/password/forgot", &json!({ "email": email }))
        .await
}

async fn reset(house: &House, token: &str, password: &str) -> Reply {
    let body = json!({"token": token, "new_password": password});
    house.post("/api/v1/auth/password/reset", &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_set_anew_once_and_ends_every_session() {
    let house = House::open().await;
    let before = house.user_in(Role::Client, PRIYA).await;
    assert_eq!(forgot(&house, "Priya@Example.com").await.status, 202);
    let mail = house.mail.first_to(PRIYA).await;
    assert_eq!(mail.subject, "Set a new password");
    let short = reset(&house, &mail.code(), "short").await;
    assert_eq!((short.status, short.fields()), (422, vec!["new_password"]));
    let done = reset(&house, &mail.code(), NEW).await;
    assert_eq!(done.status, 204, "{}", done.text);
    assert_eq!(code(&reset(&house, &mail.code(), NEW).await), "invalid_token");
    assert_eq!(house.try_log_in(PRIYA, PASSWORD).await.status, 401);
    assert_eq!(house.try_log_in(PRIYA, NEW).await.status, 200);
    let old = house.get(text(&before["access_token"]), "/api/auth/me").await;
    assert_eq!(old.status, 401);
    assert_eq!(house.refresh(&before["refresh_token"]).await.status, 401);
    let notice = house.mail.nth_to(2, PRIYA).await;
    assert_eq!(notice.subject, "Your password was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_there_is_an_account_cannot_be_seen() {
    let house = House::open().await;
    house.make(Role::Client, PRIYA).await;
    let (known, unknown) = (
        forgot(&house, PRIYA).await,
        forgot(&house, "nobody@example.com").await,
    );
    assert_eq!(known.status, 202);
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
    let names = |reply: &Reply| -> Vec<String> { reply.headers.keys().map(ToString::to_string).collect() };
    assert_eq!(names(&known), names(&unknown));
    // The same is written down for both: the account is looked up afterwards.
    let events = house.events().await;
    let enqueued: Vec<_> = events
        .iter()
        .filter(|event| event.event_type == "job.enqueued")
        .map(|event| &event.data["kind"])
        .collect();
    assert_eq!(enqueued, ["auth.letter", "auth.letter"]);
    house.mail.first_to(PRIYA).await;
    house.settle_jobs().await;
    assert_eq!(house.mail.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_is_not_flooded() {
    let house = House::open().await;
    house.make(Role::Client, PRIYA).await;
    for _ in 0..5 {
        assert_eq!(forgot(&house, PRIYA).await.status, 202);
        house.settle_jobs().await;
    }
    assert_eq!(house.mail.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_ends_after_half_an_hour_and_with_the_next_one() {
    let house = House::open().await;
    house.make(Role::Client, PRIYA).await;
    forgot(&house, PRIYA).await;
    let first = house.mail.first_to(PRIYA).await.code();
    house.advance(61);
    forgot(&house, PRIYA).await;
    let second = house.mail.nth_to(2, PRIYA).await.code();
    assert_eq!(code(&reset(&house, &first, NEW).await), "invalid_token");
    house.advance(1800);
    assert_eq!(code(&reset(&house, &second, NEW).await), "invalid_token");
    assert_eq!(house.try_log_in(PRIYA, PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_use_one_code_at_once_one_sets_the_password() {
    let house = House::open().await;
    house.make(Role::Client, PRIYA).await;
    forgot(&house, PRIYA).await;
    let code_of_mail = house.mail.first_to(PRIYA).await.code();
    let passwords: Vec<String> = (0..8).map(|n| format!("brand new horse {n}")).collect();
    let replies = join_all(
        passwords
            .iter()
            .map(|password| reset(&house, &code_of_mail, password)),
    )
    .await;
    let winners: Vec<usize> = (0..8).filter(|n| replies[*n].status == 204).collect();
    assert_eq!(winners.len(), 1);
    for (n, password) in passwords.iter().enumerate() {
        let expected = if winners == [n] { 200 } else { 401 };
        // Wrong passwords make their sender wait.
        house.advance(60);
        assert_eq!(house.try_log_in(PRIYA, password).await.status, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_password_needs_the_old_one_and_ends_the_other_sessions() {
    let house = House::open().await;
    let here = house.user_in(Role::Client, PRIYA).await;
    let there = house.log_in(PRIYA).await;
    let change = async |old: &str, new: &str| {
        let body = json!({"new_password": new, "proof": {"password": old}});
        let token = text(&here["access_token"]);
        house.post_as(token, "/api/auth/password/change", &body).await
    };
    let wrong = change("wrong horse", NEW).await;
    assert_eq!((wrong.status, code(&wrong)), (403, "wrong_proof"));
    let done = change(PASSWORD, NEW).await;
    assert_eq!(done.status, 204, "{}", done.text);
    let me = |grant: &Value| house_get(&house, text(&grant["access_token"]).to_owned());
    assert_eq!(me(&here).await, 200);
    assert_eq!(me(&there).await, 401);
    assert_eq!(house.refresh(&there["refresh_token"]).await.status, 401);
    assert_eq!(house.refresh(&here["refresh_token"]).await.status, 200);
    assert_eq!(house.try_log_in(PRIYA, NEW).await.status, 200);
}

async fn house_get(house: &House, token: String) -> u16 {
    house.get(&token, "/api/auth/me").await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_known_from_a_breach_cannot_be_chosen() {
    let list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(list.path(), "password123\n").unwrap();
    let house = House::with(AuthPolicy {
        password_cost: cheap(),
        breached_passwords: BreachedPasswords::read(list.path()).unwrap(),
        ..AuthPolicy::default()
    })
    .await;
    let body = json!({"email": PRIYA, "password": "password123", "name": "Priya", "role": "client"});
    let reply = house.post("/api/auth/register", &body).await;
    assert_eq!((reply.status, code(&reply)), (422, "breached_password"));
    assert_eq!(reply.fields(), ["password"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_brings_an_old_hash_to_the_cost_of_today() {
    let house = House::open().await;
    house.make(Role::Client, PRIYA).await;
    let dearer = auth::PasswordCost {
        memory_kib: 128,
        ..cheap()
    };
    let house = house
        .rebuilt(AuthPolicy {
            password_cost: dearer,
            ..AuthPolicy::default()
        })
        .await;
    let both = join_all((0..4).map(|_| house.try_log_in(PRIYA, PASSWORD))).await;
    assert!(both.iter().all(|reply| reply.status == 200));
    assert_eq!(house.try_log_in(PRIYA, PASSWORD).await.status, 200);
    let raw = house.into_raw_store().await;
    let holds = |text: &[u8]| raw.windows(text.len()).any(|window| window == text);
    assert!(holds(b"$argon2id$v=19$m=128,t=1,p=1$"));
}
