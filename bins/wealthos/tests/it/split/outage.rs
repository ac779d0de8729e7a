use super::Split;
use crate::process::{Remote, Reply};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// The longest that somebody may be kept waiting for the news that something is away: what the edge gives a request, and
/// half of that again for a slow machine.
const BOUND: Duration = Duration::from_secs(45);

/// Asks; the answer must come within the bound.
pub(super) async fn asked(
    api: &Remote,
    method: Method,
    path: &str,
    token: &str,
    body: Option<&Value>,
) -> Reply {
    let begin = Instant::now();
    let mut request = api.request(method, path, token).timeout(2 * BOUND);
    if let Some(body) = body {
        request = request.json(body);
    }
    let reply = api.try_send(request).await.unwrap();
    let took = begin.elapsed();
    assert!(took < BOUND, "{path} took {took:?}: {}", reply.body);
    reply
}

/// Whoever needs what is away is told so, with a code that a program can act on.
fn assert_away(reply: &Reply) {
    assert_eq!(
        (reply.status, &reply.body["error"]),
        (503, &json!("dependency_unavailable")),
        "{}",
        reply.body
    );
    assert!(reply.headers.contains_key("retry-after"), "{:?}", reply.headers);
}

/// Waits until a path answers as it should again.
pub(super) async fn recovered(api: &Remote, path: &str, token: &str) -> Reply {
    let end = Instant::now() + 4 * BOUND;
    loop {
        let reply = asked(api, Method::GET, path, token, None).await;
        if reply.status == 200 {
            return reply;
        }
        assert!(Instant::now() < end, "{path} does not recover: {}", reply.body);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A group that dies is missed only by those who need it, and is back when its process is.
#[tokio::test]
async fn a_dead_group_is_a_clear_503_and_the_others_go_on() {
    let mut split = Split::start().await;
    let api = split.gateway();
    let (token, user) = api.newcomer("advisor@example.com", "advisor").await;
    let posting = json!({ "type": "income", "amount": 10, "description": "before" });
    assert_eq!(
        api.post("/api/v1/transactions", &token, &posting).await.status,
        200
    );

    split.kill("finance").await;
    for path in [
        "/api/v1/transactions",
        "/api/v1/financial-report",
        "/api/infrastructure/events?group=finance",
    ] {
        assert_away(&asked(&api, Method::GET, path, &token, None).await);
    }
    assert_away(&asked(&api, Method::POST, "/api/v1/transactions", &token, Some(&posting)).await);
    for path in [
        "/api/auth/me",
        "/api/v1/clients",
        "/api/integrations",
        "/api/infrastructure/registry",
        "/api/infrastructure/events?group=auth",
        "/openapi.json",
    ] {
        let reply = asked(&api, Method::GET, path, &token, None).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    }
    let client = json!({ "client_name": "Rajesh Kumar" });
    let made = asked(&api, Method::POST, "/api/v1/clients", &token, Some(&client)).await;
    assert_eq!(made.status, 201, "{}", made.body);

    split.spawn("finance");
    let list = recovered(&api, &format!("/api/v1/transactions?user_id={user}"), &token).await;
    assert_eq!(list.body.as_array().map(Vec::len), Some(1), "{}", list.body);
    split.assert_calm();
}

/// Without the auth group nobody new gets in, but whoever is in goes on: tokens are proven without asking.
#[tokio::test]
async fn without_auth_nobody_new_gets_in_and_whoever_is_in_goes_on() {
    let mut split = Split::start().await;
    let api = split.gateway();
    let (token, _) = api.newcomer("advisor@example.com", "advisor").await;
    let client = json!({ "client_name": "Rajesh Kumar" });
    assert_eq!(api.post("/api/v1/clients", &token, &client).await.status, 201);

    split.kill("auth").await;
    let proof = json!({ "email": "advisor@example.com", "password": "correct horse battery" });
    assert_away(&asked(&api, Method::POST, "/api/auth/login", "", Some(&proof)).await);
    // A new client is a new user.
    assert_away(&asked(&api, Method::POST, "/api/v1/clients", &token, Some(&client)).await);
    for path in ["/api/v1/clients", "/api/v1/transactions", "/api/integrations"] {
        let reply = asked(&api, Method::GET, path, &token, None).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    }

    split.spawn("auth");
    recovered(&api, "/api/auth/me", &token).await;
    let end = Instant::now() + 4 * BOUND;
    while asked(&api, Method::POST, "/api/v1/clients", &token, Some(&client))
        .await
        .status
        != 201
    {
        assert!(Instant::now() < end, "advisory does not find auth again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    api.log_in("advisor@example.com").await;
    split.assert_calm();
}
