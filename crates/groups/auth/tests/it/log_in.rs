use crate::house::{House, PASSWORD, code, text};
use auth::AuthPolicy;
use kernel::Role;
use reqwest::Method;
use serde_json::json;
use testkit::Reply;

#[tokio::test(flavor = "multi_thread")]
async fn get_describes_how_to_log_in_without_a_token() {
    let house = House::open().await;
    for path in ["/api/auth/login", "/api/v1/auth/login"] {
        let described = house.send(house.request(Method::GET, path)).await;
        assert_eq!(described.status, 200);
        assert_eq!(described.body["method"], "POST");
        let bodies = described.body["bodies"].as_array().unwrap();
        let names = |index: usize| -> Vec<&str> {
            let fields = bodies[index]["fields"].as_array().unwrap();
            fields.iter().map(|field| text(&field["name"])).collect()
        };
        assert_eq!(names(0), ["email", "password", "cookie"]);
        assert!(names(1).starts_with(&["username", "password"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_and_the_oauth2_form_both_log_in() {
    let house = House::open().await;
    house.make(Role::Client, "priya@example.com").await;
    let json = house.log_in("priya@example.com").await;
    let forms = [
        vec![
            ("username", "priya@example.com"),
            ("password", PASSWORD),
            ("grant_type", "password"),
        ],
        vec![
            ("username", "priya@example.com"),
            ("password", PASSWORD),
            ("scope", ""),
            ("client_id", "cli"),
        ],
    ];
    for form in forms {
        let encoded: Vec<_> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
            .collect();
        let request = house
            .request(Method::POST, "/api/auth/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded.join("&"));
        let grant = house.send(request).await;
        assert_eq!(grant.status, 200, "{:?}", grant.body);
        assert_eq!(grant.body["token_type"], "bearer");
        assert_eq!(grant.body["user"], json["user"]);
        assert_eq!(grant.headers["cache-control"], "no-store");
    }
    assert_eq!(json["expires_in"], 300);
    assert_eq!(json["user"]["email"], "priya@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_access_token_says_who_in_which_role_until_when() {
    let house = House::open().await;
    let grant = house.advisor("rajesh@example.com").await;
    let token = text(&grant["access_token"]);
    let payload = token.split('.').nth(1).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&crate::house::base64url(payload)).unwrap();
    assert_eq!(claims["sub"], grant["user"]["id"]);
    assert_eq!(claims["role"], "advisor");
    let issued = house.sources.now().timestamp();
    assert_eq!(claims["exp"], issued + 300);
    house.advance(306);
    let late = house.get(token, "/api/auth/me").await;
    assert_eq!(late.status, 401);
    assert!(late.headers.contains_key("www-authenticate"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_email_and_a_wrong_password_cannot_be_told_apart() {
    let house = House::open().await;
    house.make(Role::Client, "priya@example.com").await;
    let unknown = json!({"email": "nobody@example.com", "password": PASSWORD});
    let wrong = json!({"email": "priya@example.com", "password": "wrong horse"});
    let seq = house.store.last_seq().await.unwrap();
    let unknown = house.post("/api/auth/login", &unknown).await;
    let wrong = house.post("/api/auth/login", &wrong).await;
    assert_eq!((unknown.status, code(&unknown)), (401, "invalid_credentials"));
    assert_eq!(unknown.text, wrong.text);
    let names = |reply: &Reply| -> Vec<String> {
        let mut names: Vec<_> = reply.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(names(&unknown), names(&wrong));
    assert_eq!(
        house.acts_since(seq).await,
        ["session.refused", "session.refused"]
    );
}

/// What an answer costs tells nobody whether an address has an account: one hash each, whoever it is.
#[tokio::test(flavor = "multi_thread")]
async fn whether_an_account_exists_changes_nothing_of_the_work() {
    let house = House::with(AuthPolicy {
        slow_down_guessing: false,
        ..AuthPolicy::default()
    })
    .await;
    let user = house.make(Role::Client, "priya@example.com").await;
    house.make(Role::Client, "ravi@example.com").await;
    let admin = house.make(Role::Admin, "boss@example.com").await;
    let grant = house.log_in("boss@example.com").await;
    let suspend = format!("/api/v1/admin/users/{}/suspend", user.id);
    let tries = async |email: &str, password: &str| {
        let before = house.accounts.passwords_hashed();
        let begin = std::time::Instant::now();
        let body = json!({ "email": email, "password": password });
        let reply = house.post("/api/auth/login", &body).await;
        assert!(matches!(reply.status, 401 | 403), "{}", reply.text);
        (house.accounts.passwords_hashed() - before, begin.elapsed())
    };
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for _ in 0..9 {
        let (runs, took) = tries("priya@example.com", "wrong horse").await;
        assert_eq!(runs, 1);
        known.push(took);
        let (runs, took) = tries("nobody@example.com", "wrong horse").await;
        assert_eq!(runs, 1, "an unknown address");
        unknown.push(took);
    }
    let suspended = house
        .post_as(text(&grant["access_token"]), &suspend, &json!({}))
        .await;
    assert_eq!(suspended.status, 200, "{} {}", admin.id, suspended.text);
    assert_eq!(tries("priya@example.com", "wrong horse").await.0, 1, "suspended");
    assert_eq!(
        tries("priya@example.com", PASSWORD).await.0,
        1,
        "suspended, and the right password"
    );

    known.sort_unstable();
    unknown.sort_unstable();
    // Loosely, because this machine does other things too: without the work it would be a twentieth.
    let (known, unknown) = (known[4], unknown[4]);
    assert!(
        known < unknown * 3 && unknown < known * 3,
        "{known:?} and {unknown:?}"
    );

    let runs = async |email: &str| {
        let before = house.accounts.passwords_hashed();
        let body = json!({ "email": email, "password": PASSWORD, "name": "Eve", "role": "client" });
        assert_eq!(house.post("/api/auth/register", &body).await.status, 201);
        house.accounts.passwords_hashed() - before
    };
    assert_eq!(
        runs("ravi@example.com").await,
        runs("fresh@example.com").await,
        "registering"
    );
    let forgot = async |email: &str| {
        let before = house.accounts.passwords_hashed();
        let body = json!({ "email": email });
        assert!(house.post("/api/auth/password/forgot", &body).await.status < 300);
        house.accounts.passwords_hashed() - before
    };
    assert_eq!(
        (
            forgot("ravi@example.com").await,
            forgot("nobody@example.com").await
        ),
        (0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_log_in_is_on_record_without_what_was_typed() {
    let house = House::open().await;
    let user = house.make(Role::Client, "priya@example.com").await;
    let wrong = json!({"email": "priya@example.com", "password": "wrong horse"});
    house.post("/api/auth/login", &wrong).await;
    let event = house.events().await.pop().unwrap();
    assert_eq!(event.subject, format!("user/{}", user.id));
    assert_eq!(event.data["allowed"], false);
    let all = serde_json::to_string(&house.events().await).unwrap();
    for secret in ["priya@example.com", "wrong horse", PASSWORD, "Priya Sharma"] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_was_only_invited_cannot_log_in() {
    let house = House::open().await;
    let invited = auth_contract::NewInvitedUser {
        name: "Priya".into(),
        role: Role::Client,
    };
    let key = kernel::IdempotencyKey::parse("one").unwrap();
    let user = house.users.invite(&house.system(), key, invited).await.unwrap();
    assert_eq!(user.email, None);
    let reply = house
        .post(
            "/api/auth/login",
            &json!({"email": "priya@example.com", "password": PASSWORD}),
        )
        .await;
    assert_eq!(reply.status, 401);
}

/// Somebody on the way may have looked at the other one.
#[tokio::test(flavor = "multi_thread")]
async fn two_tokens_in_one_request_prove_nobody() {
    let house = House::open().await;
    let grant = house.advisor("rajesh@example.com").await;
    let right = format!("Bearer {}", text(&grant["access_token"]));
    for (first, second) in [("Bearer x", &*right), (&*right, "Bearer x"), (&*right, &*right)] {
        let request = house.request(reqwest::Method::GET, "/api/auth/me");
        let both = request
            .header("authorization", first)
            .header("authorization", second);
        assert_eq!(house.send(both).await.status, 401);
    }
}
