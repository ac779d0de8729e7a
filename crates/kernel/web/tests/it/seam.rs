//! Calls between processes.

use crate::{
    desk::{DOCUMENT, SECRET, service_token, system},
    fixture::{refused, settings, site, site_on, site_with},
    logs::{lines_of, lines_that},
};
use chrono::TimeDelta;
use futures::{StreamExt, stream};
use kernel::{Principal, Sources};
use serde_json::{Value, json};
use std::{convert::Infallible, time::Duration};
use trust::{RevocationEvent, ServiceVerifier};
use web::Listeners;

const PATIENCE: Duration = Duration::from_secs(30);

async fn echo(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-rpc"], "answer");
    assert_eq!(answer.headers()["content-type"], "application/json");
    answer.json().await.unwrap()
}

#[tokio::test]
async fn a_call_arrives_with_its_context() {
    let site = site().await;
    let id = "0190f7c2-2222-7000-8000-000000000009";
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = site
        .post("/rpc/notes/desk.echo")
        .bearer_auth(site.for_user())
        .header("content-type", "application/json")
        .header("x-request-id", id)
        .header("traceparent", trace)
        .header("x-deadline-ms", "30000")
        .header("x-call-depth", "3")
        .header("idempotency-key", "once")
        .body(r#"{"note":7}"#);
    let told = echo(request).await;
    assert_eq!(told["principal"], json!(Principal::User(site.user.clone())));
    assert_eq!(told["request"], id);
    assert_eq!(told["trace"], trace);
    assert_eq!(told["depth"], 3, "the caller has deepened it already");
    assert_eq!(told["key"], "once");
    assert_eq!(told["arguments"], r#"{"note":7}"#);
    let remaining = told["remaining"].as_u64().unwrap();
    assert!((10_001..=30_000).contains(&remaining), "{remaining}");
}

#[tokio::test]
async fn nobody_waits_for_more_than_a_minute() {
    let site = site().await;
    let remaining = async |sent: Option<&str>| {
        let mut request = site.call("echo");
        if let Some(sent) = sent {
            request = request.header("x-deadline-ms", sent);
        }
        echo(request).await["remaining"].as_u64().unwrap()
    };
    assert!(remaining(Some("18446744073709551615")).await <= 60_000);
    assert!(remaining(Some("3600000")).await > 20_000);
    assert!(remaining(None).await <= 10_000);
}

#[tokio::test]
async fn an_error_of_the_contract_crosses_whole() {
    let site = site().await;
    let answer = site.call("fail").send().await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.headers()["x-rpc"], "error");
    assert_eq!(answer.text().await.unwrap(), r#"{"NoSuchNote":{"id":7}}"#);
}

#[tokio::test]
async fn the_contract_document_is_served_to_services() {
    let site = site().await;
    refused(site.get("/rpc/notes/contract").send().await.unwrap(), 401).await;
    let token = service_token(SECRET, "notes", &system(), TimeDelta::zero());
    let get = |path: &str, token: &str| site.get(path).bearer_auth(token).send();
    let answer = get("/rpc/notes/contract", &token).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.text().await.unwrap(), DOCUMENT);
    let other = service_token(SECRET, "demo", &system(), TimeDelta::zero());
    refused(get("/rpc/demo/contract", &other).await.unwrap(), 404).await;
}

#[tokio::test]
async fn who_is_no_service_learns_nothing() {
    let site = site().await;
    let foreign = "another secret of thirty-two bytes";
    let now = TimeDelta::zero();
    let tokens = [
        ("a user's", site.token(now)),
        ("garbage", "a.b.c".to_owned()),
        ("huge", "a".repeat(50_000)),
        ("another key's", service_token(foreign, "notes", &system(), now)),
        (
            "expired",
            service_token(SECRET, "notes", &system(), TimeDelta::seconds(66)),
        ),
        (
            "from the future",
            service_token(SECRET, "notes", &system(), TimeDelta::seconds(-60)),
        ),
        ("another group's", service_token(SECRET, "demo", &system(), now)),
    ];
    let tokens = tokens.map(|(what, token)| (what, Some(format!("Bearer {token}"))));
    let others = [("none", None), ("basic", Some("Basic dXNlcjpwYXNz".to_owned()))];
    let mut bodies = Vec::new();
    for (what, authorization) in tokens.into_iter().chain(others) {
        for (method, path) in [
            ("POST", "/rpc/notes/desk.echo"),
            ("POST", "/rpc/notes/desk.unknown"),
            ("POST", "/%72pc/notes/desk.echo"),
            ("GET", "/rpc/notes/contract"),
            ("DELETE", "/rpc/notes/desk.echo"),
            ("POST", "/rpc/nowhere/desk.echo"),
            ("GET", "/rpc"),
            ("GET", "/rpc/"),
            ("OPTIONS", "/rpc/notes/desk.echo"),
        ] {
            let mut request = site
                .request(method, path)
                .header("origin", "http://localhost:5173")
                .header("access-control-request-method", "POST")
                .header("content-encoding", "gzip");
            if let Some(authorization) = &authorization {
                request = request.header("authorization", authorization);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 401, "{what} {method} {path}");
            assert!(!answer.headers().contains_key("x-rpc"));
            assert!(!answer.headers().contains_key("access-control-allow-origin"));
            bodies.push(refused(answer, 401).await);
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "all are told the same: {bodies:?}");
    assert_eq!(bodies[0].error, "unauthenticated");
}

#[tokio::test]
async fn the_log_says_why_a_call_was_refused() {
    let site = site().await;
    let id = Sources::system().ids().next::<uuid::Uuid>().to_string();
    let token = service_token(SECRET, "demo", &system(), TimeDelta::zero());
    let request = site.post("/rpc/notes/desk.echo").header("x-request-id", &id);
    refused(request.bearer_auth(&token).send().await.unwrap(), 401).await;
    let lines = lines_that(&id, |line| line["message"] == "a call was refused").await;
    assert_eq!(lines[0]["level"], "WARN");
    let reason = lines[0]["reason"].as_str().unwrap();
    assert!(reason.contains("'demo'") && !reason.contains(&token), "{reason}");
}

#[tokio::test]
async fn a_services_token_opens_no_public_route() {
    let site = site().await;
    for token in [
        site.for_user(),
        service_token(SECRET, "demo", &system(), TimeDelta::zero()),
    ] {
        for path in ["/api/me", "/api/who"] {
            let answer = site.get(path).bearer_auth(&token).send().await.unwrap();
            refused(answer, 401).await;
        }
    }
}

#[tokio::test]
async fn a_user_who_was_revoked_is_served_no_longer() {
    let site = site().await;
    let token = site.for_user();
    let send = || {
        let request = site.post("/rpc/notes/desk.echo").bearer_auth(&token);
        request
            .header("content-type", "application/json")
            .body("{}")
            .send()
    };
    assert_eq!(send().await.unwrap().status(), 200);
    site.verifier
        .revocations()
        .apply(RevocationEvent::SessionRevoked {
            session: site.user.session,
            at: Sources::system().now(),
        });
    let answer = send().await.unwrap();
    assert_eq!(answer.headers()["x-rpc"], "refused", "no mistake in the topology");
    let error = refused(answer, 401).await;
    assert_eq!(error.error, ServiceVerifier::REVOKED);
    assert_eq!(site.call("echo").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_is_not_served_here_is_404_and_other_methods_405() {
    let site = site().await;
    let token = service_token(SECRET, "notes", &system(), TimeDelta::zero());
    for path in [
        "/rpc/notes/other.echo",
        "/rpc/notes/echo",
        "/rpc/notes/a/b",
        "/rpc/notes",
    ] {
        let answer = site.post(path).bearer_auth(&token).send().await.unwrap();
        assert!(!answer.headers().contains_key("x-rpc"), "{path}");
        refused(answer, 404).await;
    }
    let answer = site
        .get("/rpc/notes/desk.echo")
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["allow"], "POST");
    refused(answer, 405).await;
}

#[tokio::test]
async fn headers_that_are_wrong_are_named() {
    let site = site().await;
    for (name, value, status) in [
        ("x-deadline-ms", "soon", 400),
        ("x-deadline-ms", "-1", 400),
        ("x-call-depth", "deep", 400),
        ("idempotency-key", "", 422),
        ("content-type", "text/plain", 415),
        ("content-encoding", "gzip", 415),
    ] {
        let mut request = site.call("echo").build().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        let answer = site.client.execute(request).await.unwrap();
        assert!(!answer.headers().contains_key("x-rpc"), "{name}");
        refused(answer, status).await;
    }
    let deep = site
        .call("echo")
        .header("x-call-depth", "9")
        .send()
        .await
        .unwrap();
    assert_eq!(refused(deep, 500).await.error, "call_depth_exceeded");
    echo(site.call("echo").header("x-call-depth", "8")).await;
}

#[tokio::test]
async fn arguments_have_a_limit() {
    let mut settings = settings();
    settings.http.rpc_body_limit = 2048;
    let site = site_with(settings).await;
    echo(site.call("echo").body(vec![b' '; 2048])).await;
    refused(
        site.call("echo").body(vec![b' '; 2049]).send().await.unwrap(),
        413,
    )
    .await;
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(vec![b' '; 512])).take(64);
    let unannounced = site.call("echo").body(reqwest::Body::wrap_stream(endless));
    // The server answers before it has read all: whoever still writes may see the connection closed instead.
    match unannounced.send().await {
        Ok(answer) => assert_eq!(answer.status(), 413),
        Err(error) => assert!(!error.is_timeout(), "{error}"),
    }
}

#[tokio::test]
async fn a_call_beyond_its_deadline_is_given_up() {
    let site = site().await;
    let answer = site
        .call("forever")
        .header("x-deadline-ms", "1")
        .send()
        .await
        .unwrap();
    assert!(!answer.headers().contains_key("x-rpc"));
    assert_eq!(refused(answer, 504).await.error, "timeout");
    tokio::time::timeout(PATIENCE, site.desk.left.notified())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_call_whose_caller_leaves_is_dropped() {
    let site = site().await;
    let asking = site
        .tasks
        .spawn(site.call("forever").header("x-deadline-ms", "60000").send());
    tokio::time::timeout(PATIENCE, site.desk.entered.notified())
        .await
        .unwrap();
    asking.abort();
    tokio::time::timeout(PATIENCE, site.desk.left.notified())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_panic_is_no_answer_of_the_seam() {
    let site = site().await;
    let answer = site.call("panic").send().await.unwrap();
    assert!(!answer.headers().contains_key("x-rpc"));
    refused(answer, 500).await;
}

#[tokio::test]
async fn a_stream_sends_each_piece_at_once_and_ends_with_its_caller() {
    let site = site().await;
    let answer = site.call("watch").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-rpc"], "stream");
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let mut lines = answer.bytes_stream();
    let first = tokio::time::timeout(PATIENCE, lines.next()).await.unwrap();
    assert_eq!(first.unwrap().unwrap(), "{\"item\":1}\n");
    drop(lines);
    tokio::time::timeout(PATIENCE, site.desk.left.notified())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_stop_cuts_streams_and_waits_for_nobody_who_watches() {
    let site = site().await;
    let answer = site.call("watch").send().await.unwrap();
    let mut lines = answer.bytes_stream();
    lines.next().await.unwrap().unwrap();
    let finished = tokio::time::timeout(PATIENCE, site.server.stop(true))
        .await
        .unwrap();
    assert!(finished, "a stream is no request that has to be finished");
    while let Some(Ok(line)) = lines.next().await {
        assert!(line.is_empty(), "no last line: {line:?}");
    }
}

#[tokio::test]
async fn calls_are_not_limited_and_not_described() {
    let mut settings = settings();
    settings.limits.enabled = true;
    settings.limits.write_per_minute = 1;
    let site = site_with(settings).await;
    for _ in 0..20 {
        let answer = site.call("echo").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(!answer.headers().contains_key("ratelimit-limit"));
    }
    let text = site
        .get("/openapi.json")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(!text.contains("/rpc"));
}

#[tokio::test]
async fn the_log_says_who_called_and_in_whose_name() {
    let site = site().await;
    let id = Sources::system().ids().next::<uuid::Uuid>().to_string();
    let request = site.post("/rpc/notes/desk.echo").header("x-request-id", &id);
    let request = request.header("content-type", "application/json").body("{}");
    echo(request.bearer_auth(site.for_user())).await;
    let line = &lines_of(&id).await[0];
    assert_eq!(line["route"], "/rpc/{group}/{call}");
    assert_eq!(line["path"], "/rpc/notes/desk.echo");
    assert_eq!(line["caller"], "demo");
    assert_eq!(line["principal"], format!("user/{}", site.user.user));
    assert_eq!(line["user_id"], site.user.user.to_string());
}

#[tokio::test]
async fn calls_may_have_a_listener_of_their_own() {
    let mut settings = settings();
    settings.server.internal_listen = Some("127.0.0.1:0".parse().unwrap());
    let site = site_with(settings).await;
    let inside = format!("http://{}", site.server.internal_addr().unwrap());
    echo(site.call_at(&inside, "echo")).await;
    for answer in [
        site.call("echo").send().await.unwrap(),
        site.get("/rpc/notes/contract").send().await.unwrap(),
        site.client.get(format!("{inside}/api/who")).send().await.unwrap(),
        site.client.get(format!("{inside}/metrics")).send().await.unwrap(),
    ] {
        refused(answer, 404).await;
    }
    assert_eq!(site.get("/api/who").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn sockets_that_were_passed_on_do_not_let_calls_in_by_the_main_one() {
    let mut settings = settings();
    settings.server.internal_listen = Some("127.0.0.1:0".parse().unwrap());
    let main = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    main.set_nonblocking(true).unwrap();
    let site = site_on(settings, Listeners::inherited(vec![main], None)).await;
    refused(site.call("echo").send().await.unwrap(), 404).await;
    let inside = format!("http://{}", site.server.internal_addr().unwrap());
    echo(site.call_at(&inside, "echo")).await;
}
