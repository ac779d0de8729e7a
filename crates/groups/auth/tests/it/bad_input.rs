//! Every field of every route: refused in the contract, with the field's name, and nothing written.

use crate::house::{House, PASSWORD, code, text};
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};

fn bad_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(7),
        serde_json::from_str("1234567890123456789012345678901234567890").unwrap(),
        json!(true),
        json!([]),
        json!({"$gt": ""}),
        json!(""),
        json!("\u{0}"),
        json!("line\nbreak in a value"),
        json!("x".repeat(10_000)),
    ]
}

/// Sends `good` with each field made bad in turn, missing, and with one more.
async fn try_all(house: &House, method: Method, path: &str, token: Option<&str>, good: &Value) {
    let send = async |body: &Value| {
        let mut request = house.request(method.clone(), path).json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        house.send(request).await
    };
    let seq = house.store.last_seq().await.unwrap();
    for field in good.as_object().unwrap().keys() {
        for bad in bad_values() {
            let mut body = good.clone();
            body[field] = bad.clone();
            let reply = send(&body).await;
            assert_eq!(reply.status, 422, "{path} {field} {bad}: {:?}", reply.body);
            assert_eq!(reply.fields(), [field], "{path} {field} {bad}");
        }
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(field);
        let reply = send(&body).await;
        assert_eq!(
            (reply.status, reply.fields()),
            (422, vec![field.as_str()]),
            "{path} without {field}"
        );
    }
    let mut more = good.clone();
    more["surprise"] = json!(1);
    let reply = send(&more).await;
    assert_eq!((reply.status, reply.fields()), (422, vec!["surprise"]), "{path}");
    assert_eq!(
        house.store.last_seq().await.unwrap(),
        seq,
        "{path}: nothing is written"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_body_is_checked_field_by_field() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let user = house.make(Role::Client, "priya@example.com").await;
    let access = Some(text(&admin["access_token"]));
    let register = json!({"email": "x@example.com", "password": PASSWORD, "name": "X", "role": "client"});
    try_all(&house, Method::POST, "/api/auth/register", None, &register).await;
    let log_in = json!({"email": "x@example.com", "password": PASSWORD});
    try_all(&house, Method::POST, "/api/v1/auth/login", None, &log_in).await;
    let refresh = json!({"refresh_token": "x"});
    try_all(&house, Method::POST, "/api/auth/refresh", None, &refresh).await;
    let assign = format!("/api/auth/rbac/assignments/{}", user.id);
    try_all(&house, Method::PUT, &assign, access, &json!({"role": "advisor"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_and_emails_have_their_bounds() {
    let house = House::open().await;
    let body = |email: &str, password: &str| json!({"email": email, "password": password, "name": "X", "role": "client"});
    for (email, password, field) in [
        ("a@example.com", "1234567", "password"),
        ("a@example.com", "x".repeat(129).as_str(), "password"),
        ("not-an-email", "12345678", "email"),
        ("a@b", "12345678", "email"),
        ("a b@example.com", "12345678", "email"),
    ] {
        let reply = house.post("/api/auth/register", &body(email, password)).await;
        assert_eq!((reply.status, reply.fields()), (422, vec![field]), "{email}");
        assert!(!reply.text.contains(password), "a password is never repeated");
    }
    for (email, password) in [
        ("a@example.com", "12345678".to_owned()),
        ("b@example.com", "ü".repeat(128)),
    ] {
        assert_eq!(
            house
                .post("/api/auth/register", &body(email, &password))
                .await
                .status,
            201
        );
        let grant = house
            .post("/api/auth/login", &json!({"email": email, "password": password}))
            .await;
        assert_eq!(grant.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_body_at_all_is_refused_in_the_contract() {
    let house = House::open().await;
    for (kind, body, status) in [
        ("application/json", "{", 400),
        ("application/json", "", 400),
        ("application/json", "[]", 422),
        ("application/json", "\"x\"", 422),
        ("text/plain", "hello", 415),
        (
            "application/x-www-form-urlencoded",
            "username=priya%40example.com",
            422,
        ),
        (
            "application/x-www-form-urlencoded",
            "username=a%40b.co&password=x&grant_type=magic",
            422,
        ),
        (
            "application/x-www-form-urlencoded",
            "username=a%40b.co&password=x&username=c%40d.co",
            422,
        ),
        (
            "application/x-www-form-urlencoded",
            "username=%ff&password=x",
            400,
        ),
    ] {
        let request = house
            .request(Method::POST, "/api/auth/login")
            .header("content-type", kind)
            .body(body);
        let reply = house.send(request).await;
        assert_eq!(reply.status, status, "{kind} {body}: {:?}", reply.body);
        assert!(reply.body["error"].is_string() && reply.body["message"].is_string());
    }
    let large = format!("{{\"email\":\"{}\"}}", "x".repeat(10 << 20));
    let request = house
        .request(Method::POST, "/api/auth/login")
        .header("content-type", "application/json")
        .body(large);
    if let Ok(answer) = request.send().await {
        assert_eq!(answer.status(), 413);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_refuse_what_they_do_not_know() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, "priya@example.com").await;
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=made-up",
        "count=2",
        "sort=device",
        "user_id=x",
    ] {
        let reply = house
            .get(
                text(&grant["access_token"]),
                &format!("/api/auth/sessions?{query}"),
            )
            .await;
        assert_eq!(reply.status, 422, "{query}");
        assert_eq!(reply.fields(), [query.split('=').next().unwrap()], "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_path_with_another_method_says_which_are_allowed() {
    let house = House::open().await;
    for (method, path) in [
        (Method::DELETE, "/api/auth/login"),
        (Method::GET, "/api/v1/auth/register"),
        (Method::POST, "/api/v1/users/01890000-0000-7000-8000-000000000000"),
    ] {
        let reply = house.send(house.request(method, path)).await;
        assert_eq!(
            (reply.status, code(&reply)),
            (405, "method_not_allowed"),
            "{path}"
        );
        assert!(reply.headers.contains_key("allow"));
    }
    let unknown = house.send(house.request(Method::GET, "/api/auth/nothing")).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_none_are_refused() {
    let house = House::open().await;
    let grant = house.user_in(Role::Client, "priya@example.com").await;
    let mut changed = text(&grant["access_token"]).to_owned();
    changed.replace_range(changed.len() - 4.., "AAAA");
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.";
    for token in ["x", changed.as_str(), unsigned, text(&grant["refresh_token"])] {
        for path in [
            "/api/auth/me",
            "/api/auth/sessions",
            "/api/v1/users/01890000-0000-7000-8000-000000000000",
        ] {
            let reply = house.get(token, path).await;
            assert_eq!((reply.status, code(&reply)), (401, "unauthenticated"), "{path}");
            assert!(reply.headers.contains_key("www-authenticate"));
        }
    }
}
