//! The error contract for everything that is no bad body.

use crate::{
    fixture::{raw, refused, site},
    group::KNOWN,
};

#[tokio::test]
async fn unknown_malformed_and_unreachable_are_the_same_404() {
    let site = site().await;
    let mut bodies = Vec::new();
    for path in [
        "/api/things/0190f7c2-1111-7000-8000-000000000002",
        "/api/things/7",
        "/api/things/%00",
        "/api/things/%ff",
        "/nowhere",
        "/api/things/",
        "/api/things/7/8",
    ] {
        let answer = site.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
        bodies.push(answer.text().await.unwrap());
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    assert_eq!(
        site.get(&format!("/api/things/{KNOWN}"))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn a_wrong_method_is_405_with_the_right_ones() {
    let site = site().await;
    for (method, path, allow) in [
        ("DELETE", "/api/things", "GET, POST, HEAD"),
        ("POST", "/api/me", "GET, HEAD"),
        ("GET", "/api/pay", "POST"),
        ("HEAD", "/api/pay", "POST"),
        ("PATCH", "/health", "GET, HEAD"),
        ("OPTIONS", "/api/pay", "POST"),
        ("TRACE", "/api/things", "GET, POST, HEAD"),
        ("POST", "/api/things/7", "GET, PUT, HEAD"),
        ("BREW", "/openapi.json", "GET, HEAD"),
        ("POST", "/docs/", "GET, HEAD"),
    ] {
        let answer = site.request(method, path).send().await.unwrap();
        assert_eq!(answer.status(), 405, "{method} {path}");
        let mut sent: Vec<_> = answer.headers()["allow"].to_str().unwrap().split(", ").collect();
        let mut expected: Vec<_> = allow.split(", ").collect();
        sent.sort_unstable();
        expected.sort_unstable();
        assert_eq!(sent, expected, "{method} {path}");
        if method != "HEAD" {
            assert_eq!(refused(answer, 405).await.error, "method_not_allowed");
        }
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let site = site().await;
    let path = format!("/api/things/{KNOWN}");
    let get = site.get(&path).send().await.unwrap();
    let head = site.request("HEAD", &path).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["etag"], "\"3\"");
    assert_eq!(head.headers()["content-length"], get.headers()["content-length"]);
    assert_eq!(head.bytes().await.unwrap().len(), 0);
}

#[tokio::test]
async fn our_faults_tell_nothing() {
    let site = site().await;
    for path in ["/api/panic", "/api/broken", "/api/actix"] {
        let error = refused(site.get(path).send().await.unwrap(), 500).await;
        assert_eq!(
            (error.message.as_str(), error.details),
            ("Internal server error", None),
            "{path}"
        );
    }
    for _ in 0..20 {
        refused(site.get("/api/panic").send().await.unwrap(), 500).await;
    }
    assert_eq!(
        site.get("/health").send().await.unwrap().status(),
        200,
        "panics do not wear the server out"
    );
}

#[tokio::test]
async fn what_is_away_says_when_to_come_back() {
    let site = site().await;
    let answer = site.get("/api/away").send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(refused(answer, 503).await.error, "dependency_unavailable");
}

#[tokio::test]
async fn a_bare_status_is_put_into_the_contract() {
    let site = site().await;
    let error = refused(site.get("/api/bare").send().await.unwrap(), 409).await;
    assert_eq!(error.error, "conflict");
}

#[tokio::test]
async fn etags_guard_changes() {
    let site = site().await;
    let put = |tag: Option<&'static str>| {
        let request = site.request("PUT", &format!("/api/things/{KNOWN}"));
        match tag {
            Some(tag) => request.header("if-match", tag),
            None => request,
        }
        .send()
    };
    for (tag, status) in [
        (None, 204),
        (Some("\"3\""), 204),
        (Some("*"), 204),
        (Some("\"2\""), 412),
        (Some("W/\"3\""), 412),
        (Some("\"abc\""), 412),
        (Some("3"), 400),
        (Some(""), 400),
        (Some("\"3"), 400),
        (Some("\"3\", \"4\""), 400),
    ] {
        let answer = put(tag).await.unwrap();
        assert_eq!(answer.status(), status, "{tag:?}");
        if status >= 400 {
            refused(answer, status).await;
        }
    }
}

#[tokio::test]
async fn requests_that_are_no_http_do_not_hurt() {
    let site = site().await;
    let many = (0..500).map(|n| format!("x-{n}: 1\r\n")).collect::<String>();
    for (bytes, statuses) in [
        ("\u{1}\u{2}garbage\r\n\r\n".to_owned(), vec!["400"]),
        ("GET /\u{0} HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), vec!["400"]),
        (
            format!("GET /health HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
            vec!["400", "431"],
        ),
        (
            format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(300_000)),
            vec!["400", "414", "431"],
        ),
        (
            "GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
            vec!["400"],
        ),
        (
            "POST /api/things HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"
                .to_owned(),
            vec!["400"],
        ),
        (
            "CONNECT a:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
            vec!["404", "400"],
        ),
    ] {
        let answer = raw(site.address, bytes.as_bytes()).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(
            statuses.contains(&status),
            "{} -> {answer}",
            &bytes[..bytes.len().min(60)]
        );
    }
    assert_eq!(site.get("/health").send().await.unwrap().status(), 200);
}
