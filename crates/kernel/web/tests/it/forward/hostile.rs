//! Requests that two processes could read differently, and headers that are not the client's to send.

use super::stage::{answering, edge, ok};
use crate::fixture::raw_until;

async fn sent(request: &str) -> (String, Vec<String>) {
    let (group, asked) = answering(ok("done")).await;
    let edge = edge(&[group]).await;
    let answer = raw_until(edge.address, request.as_bytes(), Some("}")).await;
    let asked = asked.lock().unwrap().clone();
    (answer, asked)
}

async fn passed(request: &str) -> String {
    let (group, asked) = answering(ok("{done}")).await;
    let edge = edge(&[group]).await;
    let answer = raw_until(edge.address, request.as_bytes(), Some("{done}")).await;
    assert!(answer.contains("{done}"), "{request}: {answer}");
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1, "{asked:?}");
    asked[0].clone()
}

#[tokio::test]
async fn a_body_with_two_ends_is_refused() {
    for framing in [
        "content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /far/smuggled HTTP/1.1\r\nhost: x\r\n\r\n",
        "content-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        "content-length: 3, 4\r\n\r\nabcd",
        "content-length: +3\r\n\r\nabc",
        "content-length: 3\r\n folded: yes\r\n\r\nabc",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
        "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
        "connection: upgrade\r\nupgrade: websocket\r\ncontent-length: 3\r\n\r\nabc",
    ] {
        let (answer, asked) = sent(&format!("POST /far/x HTTP/1.1\r\nhost: x\r\n{framing}")).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{framing}: {answer}");
        assert!(asked.is_empty(), "{framing}: {asked:?}");
    }
}

#[tokio::test]
async fn a_chunk_that_is_no_chunk_does_not_reach_the_group_as_a_body() {
    let (answer, asked) =
        sent("POST /far/x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n")
            .await;
    assert!(!answer.contains("done"), "{answer}");
    assert!(!asked.iter().any(|request| request.contains("abc")), "{asked:?}");
}

#[tokio::test]
async fn paths_that_lead_elsewhere_are_not_forwarded() {
    for path in [
        "/far/../rpc/x",
        "/far/%2e%2e/rpc/x",
        "/far/x/..%2f..%2frpc/x",
        "/far/..%5c..%5crpc",
        "/far/%252e%252e/rpc",
        "/far/./x",
        "//far/x",
        "/far%2fx",
        "/rpc/far/x",
        "/rpc",
    ] {
        let (answer, asked) = sent(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        // The seam tells nobody what there is.
        let expected = if path.starts_with("/rpc") { 401 } else { 404 };
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {expected}")),
            "{path}: {answer}"
        );
        assert!(asked.is_empty(), "{path}: {asked:?}");
    }
}

#[tokio::test]
async fn a_path_is_forwarded_as_it_came() {
    for (target, expected) in [
        (
            "/far/a%20b%2Fc%c3%bc?q=%2F..&q=a+b",
            "/far/a%20b%2Fc%c3%bc?q=%2F..&q=a+b",
        ),
        ("/far//x/", "/far//x/"),
        ("/f%61r/x", "/f%61r/x"),
        ("http://elsewhere.test/far/x?y", "/far/x?y"),
    ] {
        let asked = passed(&format!("GET {target} HTTP/1.1\r\nhost: outside.test\r\n\r\n")).await;
        let line = asked.lines().next().unwrap();
        assert_eq!(line, format!("GET {expected} HTTP/1.1"));
        assert!(asked.contains("x-forwarded-host: outside.test\r\n"), "{asked}");
        assert!(asked.contains("host: 127.0.0.1:"), "{asked}");
    }
}

#[tokio::test]
async fn what_only_a_forwarder_may_say_is_replaced() {
    let asked = passed(
        "GET /far/x HTTP/1.1\r\nhost: x\r\nx-wealthos-hop: forged\r\nx-forwarded-for: 6.6.6.6\r\nforwarded: \
         for=6.6.6.6\r\nx-real-ip: 6.6.6.6\r\nx-forwarded-proto: https\r\nconnection: keep-alive, x-private\r\n\
         x-private: 1\r\nte: trailers\r\nproxy-authorization: Basic x\r\nx-request-id: \
         0190f7c2-2222-7000-8000-000000000002\r\n\r\n",
    )
    .await;
    for gone in ["forged", "6.6.6.6", "https", "x-private", "te:", "proxy-auth"] {
        assert!(!asked.contains(gone), "{gone}: {asked}");
    }
    assert!(asked.contains("x-forwarded-for: 127.0.0.1\r\n"), "{asked}");
    assert_eq!(
        asked
            .matches("x-request-id: 0190f7c2-2222-7000-8000-000000000002")
            .count(),
        1
    );
}

#[tokio::test]
async fn what_ends_at_the_edge_does_not_reach_the_client() {
    let (group, _) = answering(
        "HTTP/1.1 200 OK\r\nconnection: x-private\r\nx-private: 1\r\nkeep-alive: timeout=5\r\nproxy-authenticate: \
         Basic\r\nx-request-id: theirs\r\nratelimit-limit: 1\r\naccess-control-allow-origin: *\r\nx-kept: \
         yes\r\ncontent-length: 6\r\n\r\n{done}",
    )
    .await;
    let edge = edge(&[group]).await;
    let answer = edge.get("/far/x").send().await.unwrap();
    for gone in [
        "x-private",
        "keep-alive",
        "proxy-authenticate",
        "ratelimit-limit",
        "access-control-allow-origin",
    ] {
        assert!(!answer.headers().contains_key(gone), "{gone}");
    }
    assert_eq!(answer.headers()["x-kept"], "yes");
    assert_ne!(answer.headers()["x-request-id"], "theirs");
}
