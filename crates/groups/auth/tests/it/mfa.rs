use crate::house::{House, PASSWORD, code, text};
use aws_lc_rs::hmac;
use futures::future::join_all;
use kernel::Role;
use serde_json::{Value, json};
use testkit::Reply;

pub(crate) const PRIYA: &str = "priya@example.com";

/// An authenticator app: knows the address that it was given, and the time.
pub(crate) struct App {
    pub(crate) secret: Vec<u8>,
}

impl App {
    fn scan(uri: &str) -> Self {
        let (_, rest) = uri.split_once("secret=").unwrap();
        let text = rest.split('&').next().unwrap();
        let mut bits = String::new();
        for c in text.chars() {
            let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap();
            bits.push_str(&format!("{value:05b}"));
        }
        let secret = bits
            .as_bytes()
            .chunks_exact(8)
            .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
            .collect();
        Self { secret }
    }

    pub(crate) fn code(&self, house: &House) -> String {
        let step = house.sources.now().timestamp() / 30;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let offset = usize::from(tag.as_ref()[19] & 15);
        let mut four = [0; 4];
        four.copy_from_slice(&tag.as_ref()[offset..offset + 4]);
        format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
    }
}

pub(crate) async fn post(house: &House, grant: &Value, path: &str, body: &Value) -> Reply {
    house.post_as(text(&grant["access_token"]), path, body).await
}

/// Turns the second factor on; answers the app and the recovery codes.
pub(crate) async fn turn_on(house: &House, grant: &Value) -> (App, Vec<String>) {
    let proof = json!({"proof": {"password": PASSWORD}});
    let enrolled = post(house, grant, "/api/auth/mfa/enroll", &proof).await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.text);
    assert_eq!(enrolled.header("cache-control"), Some("no-store"));
    let app = App::scan(text(&enrolled.body["otpauth_uri"]));
    let body = json!({"code": app.code(house)});
    let confirmed = post(house, grant, "/api/auth/mfa/confirm", &body).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let codes = confirmed.body["recovery_codes"].as_array().unwrap();
    let codes = codes.iter().map(|code| text(code).to_owned()).collect();
    house.advance(30);
    (app, codes)
}

/// The first step of a log-in.
async fn challenge(house: &House) -> String {
    let reply = house.try_log_in(PRIYA, PASSWORD).await;
    assert_eq!(reply.status, 202, "{}", reply.text);
    assert_eq!(reply.body["mfa_required"], true);
    text(&reply.body["mfa_token"]).to_owned()
}

async fn finish(house: &House, mfa_token: &str, field: &str, value: &str) -> Reply {
    let body = json!({"mfa_token": mfa_token, field: value});
    house.post("/api/v1/auth/mfa/challenge", &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_second_factor_a_log_in_takes_two_steps() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let (app, codes) = turn_on(&house, &grant).await;
    assert_eq!(codes.len(), 10);
    let status = house.get(text(&grant["access_token"]), "/api/auth/mfa").await;
    assert_eq!(status.body["enabled"], true);
    assert_eq!(status.body["recovery_codes_left"], 10);
    let token = challenge(&house).await;
    assert_eq!(
        house.get(&token, "/api/auth/me").await.status,
        401,
        "no access token"
    );
    assert_eq!(house.refresh(&json!(token)).await.status, 401);
    let none = house
        .post("/api/auth/mfa/challenge", &json!({ "mfa_token": token }))
        .await;
    assert_eq!((none.status, code(&none)), (403, "mfa_required"));
    let done = finish(&house, &token, "code", &app.code(&house)).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let me = house.get(text(&done.body["access_token"]), "/api/auth/me").await;
    assert_eq!(me.status, 200);
    let again = finish(&house, &token, "code", &app.code(&house)).await;
    assert_eq!((again.status, code(&again)), (401, "invalid_mfa_token"));
    let mails = house.mail.first_to(PRIYA).await;
    assert_eq!(mails.subject, "Two-step log-in is on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_counts_once_even_when_many_send_it_at_the_same_time() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let (app, _) = turn_on(&house, &grant).await;
    let mut tokens = Vec::new();
    for _ in 0..6 {
        tokens.push(challenge(&house).await);
    }
    let seen = app.code(&house);
    let replies = join_all(tokens.iter().map(|token| finish(&house, token, "code", &seen))).await;
    let winners = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(winners, 1);
    house.advance(900);
    let token = challenge(&house).await;
    assert_eq!(
        finish(&house, &token, "code", &app.code(&house)).await.status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_phone_a_recovery_code_lets_in_once_and_a_new_app_is_enrolled() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let (_, codes) = turn_on(&house, &grant).await;
    let token = challenge(&house).await;
    let typed = codes[0].to_lowercase().replace('-', " ");
    let done = finish(&house, &token, "recovery_code", &typed).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let token = challenge(&house).await;
    let again = finish(&house, &token, "recovery_code", &codes[0]).await;
    assert_eq!((again.status, code(&again)), (403, "invalid_mfa_code"));

    // A new phone: the old one counts until the new one has shown a code.
    let proof = json!({"proof": {"password": PASSWORD, "recovery_code": codes[1]}});
    let enrolled = post(&house, &done.body, "/api/auth/mfa/enroll", &proof).await;
    let app = App::scan(text(&enrolled.body["otpauth_uri"]));
    let body = json!({"code": app.code(&house)});
    let confirmed = post(&house, &done.body, "/api/auth/mfa/confirm", &body).await;
    assert_eq!(confirmed.status, 200);
    house.advance(30);
    let token = challenge(&house).await;
    let old = finish(&house, &token, "recovery_code", &codes[2]).await;
    assert_eq!(old.status, 403, "the codes of the old app are gone");
    assert_eq!(
        finish(&house, &token, "code", &app.code(&house)).await.status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sensitive_acts_ask_for_the_second_factor_too() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let (app, codes) = turn_on(&house, &grant).await;
    let only_password = json!({"password": PASSWORD});
    for (path, body) in [
        ("/api/auth/mfa/disable", json!({"proof": only_password})),
        ("/api/auth/mfa/enroll", json!({"proof": only_password})),
        ("/api/auth/mfa/recovery-codes", json!({"proof": only_password})),
        ("/api/auth/account/delete", json!({"proof": only_password})),
        (
            "/api/auth/email/change",
            json!({"email": "new@example.com", "proof": only_password}),
        ),
        (
            "/api/auth/password/change",
            json!({"new_password": "another horse", "proof": only_password}),
        ),
    ] {
        let refused = post(&house, &grant, path, &body).await;
        assert_eq!((refused.status, code(&refused)), (403, "mfa_required"), "{path}");
    }
    let wrong_password = json!({"proof": {"password": "wrong horse", "recovery_code": codes[0]}});
    let refused = post(&house, &grant, "/api/auth/mfa/disable", &wrong_password).await;
    assert_eq!(code(&refused), "wrong_proof");
    let right = json!({"proof": {"password": PASSWORD, "recovery_code": codes[0]}});
    let renewed = post(&house, &grant, "/api/auth/mfa/recovery-codes", &right).await;
    assert_eq!(renewed.status, 200, "a wrong password used no code up");
    let right = json!({"proof": {"password": PASSWORD, "code": app.code(&house)}});
    let off = post(&house, &grant, "/api/auth/mfa/disable", &right).await;
    assert_eq!(off.status, 204, "{}", off.text);
    assert_eq!(house.try_log_in(PRIYA, PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_end_the_log_in_and_then_make_wait() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let (app, _) = turn_on(&house, &grant).await;
    let token = challenge(&house).await;
    for _ in 0..5 {
        let wrong = finish(&house, &token, "code", "abcdef").await;
        assert_eq!((wrong.status, code(&wrong)), (403, "invalid_mfa_code"));
    }
    let over = finish(&house, &token, "code", &app.code(&house)).await;
    assert_eq!((over.status, code(&over)), (401, "invalid_mfa_token"));
    let token = challenge(&house).await;
    let early = finish(&house, &token, "code", &app.code(&house)).await;
    assert_eq!((early.status, early.header("retry-after")), (429, Some("1")));
    house.advance(1);
    finish(&house, &token, "code", "abcdef").await;
    let early = finish(&house, &token, "code", &app.code(&house)).await;
    assert_eq!((early.status, early.header("retry-after")), (429, Some("2")));
    house.advance(2);
    assert_eq!(
        finish(&house, &token, "code", &app.code(&house)).await.status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_log_ins_that_are_half_done() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let (app, _) = turn_on(&house, &grant).await;
    let token = challenge(&house).await;
    let body = json!({
        "new_password": "another horse",
        "proof": {"password": PASSWORD, "code": app.code(&house)},
    });
    assert_eq!(
        post(&house, &grant, "/api/auth/password/change", &body)
            .await
            .status,
        204
    );
    house.advance(30);
    let late = finish(&house, &token, "code", &app.code(&house)).await;
    assert_eq!((late.status, code(&late)), (401, "invalid_mfa_token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_recovery_codes_stand_nowhere_in_the_store() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, PRIYA).await;
    let (app, codes) = turn_on(&house, &grant).await;
    let token = challenge(&house).await;
    let raw = house.into_raw_store().await;
    let holds = |text: &str| raw.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("mfa_factors") && holds("recovery_codes"));
    let hex: String = app.secret.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(!holds(&hex) && !holds(&token));
    for code in codes {
        assert!(!holds(&code) && !holds(&code.replace('-', "")));
    }
}
