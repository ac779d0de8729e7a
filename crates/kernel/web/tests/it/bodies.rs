//! Every kind of bad body.

use crate::fixture::{fields, raw, raw_until, refused, settings, site, site_with};
use serde_json::{Value, json};
use std::time::Duration;

fn good() -> Value {
    json!({"name": "Priya", "count": 3})
}

#[tokio::test]
async fn a_good_body_is_read() {
    let site = site().await;
    let body = r#"{"name":" Priya ","count":3,"amount":12345678901234567.89,"kind":"firm",
        "tags":[{"label":"a"},{"label":"b","weight":7}]}"#;
    let answer = site.post_json("/api/things", body).await;
    assert_eq!(answer.status(), 201);
    let text = answer.text().await.unwrap();
    assert!(
        text.contains("12345678901234567.89"),
        "numbers keep every digit: {text}"
    );
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["name"], "Priya");
    assert_eq!(value["tags"], json!(["a", "b"]));
    assert_eq!(value["firm"], true);
}

#[tokio::test]
async fn what_is_no_json_is_400() {
    let site = site().await;
    let deep = "[".repeat(200_000);
    let deep_field = format!(r#"{{"name":{}"#, r#"{"a":"#.repeat(100_000));
    for body in [
        "",
        " ",
        "{",
        "{]",
        "nope",
        r#"{"name":"a","count":NaN}"#,
        "{\"name\":\"a\u{1}b\",\"count\":1}",
        &deep,
        &deep_field,
    ] {
        let error = refused(site.post_json("/api/things", body.to_owned()).await, 400).await;
        assert_eq!(error.error, "malformed");
    }
    let bytes = site
        .post_json("/api/things", &b"{\"name\":\"\xff\xfe\",\"count\":1}"[..])
        .await;
    refused(bytes, 400).await;
    let trailing = format!("{} x", good());
    refused(site.post_json("/api/things", trailing).await, 400).await;
}

#[tokio::test]
async fn deep_nesting_is_refused_and_harms_nobody() {
    let site = site().await;
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    refused(site.post_json("/api/things", deep.clone()).await, 422).await;
    let unknown = format!(r#"{{"name":"a","count":1,"x":{deep}}}"#);
    let error = refused(site.post_json("/api/things", unknown).await, 422).await;
    assert_eq!(fields(&error), ["x"]);
    let amount = format!(r#"{{"name":"a","count":1,"amount":{deep}}}"#);
    let error = refused(site.post_json("/api/things", amount).await, 422).await;
    assert!(fields(&error)[0].starts_with("amount"));
}

#[tokio::test]
async fn what_is_wrong_in_json_is_422_and_named() {
    let site = site().await;
    let cases = [
        (json!({}), "name", "is required"),
        (json!({"name": "a"}), "count", "is required"),
        (json!({"name": 1, "count": 1}), "name", "must be a string"),
        (json!({"name": null, "count": 1}), "name", "must be a string"),
        (json!({"name": "", "count": 1}), "name", "1 to 20 characters"),
        (
            json!({"name": "a".repeat(21), "count": 1}),
            "name",
            "1 to 20 characters",
        ),
        (
            json!({"name": "a\u{0}", "count": 1}),
            "name",
            "control characters",
        ),
        (
            json!({"name": {"$gt": ""}, "count": 1}),
            "name",
            "must be a string",
        ),
        (
            json!({"name": "a", "count": "3"}),
            "count",
            "must be a whole number",
        ),
        (
            json!({"name": "a", "count": -1}),
            "count",
            "must be a whole number",
        ),
        (
            json!({"name": "a", "count": 1.5}),
            "count",
            "must be a whole number",
        ),
        (
            json!({"name": "a", "count": 4_294_967_296_u64}),
            "count",
            "from 0 to 4294967295",
        ),
        (
            json!({"name": "a", "count": 1, "kind": "robot"}),
            "kind",
            "must be `person` or `firm`",
        ),
        (json!({"name": "a", "count": 1, "kind": 7}), "kind", ""),
        (json!({"name": "a", "count": 1, "parent": "7"}), "parent", "UUID"),
        (json!({"name": "a", "count": 1, "email": "x"}), "email", "e-mail"),
        (
            json!({"name": "a", "count": 1, "amount": []}),
            "amount",
            "decimal number",
        ),
        (
            json!({"name": "a", "count": 1, "tags": {}}),
            "tags",
            "must be a list",
        ),
        (
            json!({"name": "a", "count": 1, "tags": [{"label": "x"}, {"label": 2}]}),
            "tags[1].label",
            "must be a string",
        ),
        (
            json!({"name": "a", "count": 1, "tags": [{}]}),
            "tags[0].label",
            "is required",
        ),
        (
            json!({"name": "a", "count": 1, "more": 1}),
            "more",
            "not a known field",
        ),
        (
            json!({"name": "a", "count": 1, "tags": [{"label": "x", "$where": 1}]}),
            "tags[0].$where",
            "not a known field",
        ),
        (json!([]), "body", ""),
        (json!("text"), "body", "must be an object"),
        (json!(null), "body", "must be an object"),
    ];
    for (body, field, message) in cases {
        let error = refused(site.post_json("/api/things", body.to_string()).await, 422).await;
        assert_eq!(error.error, "validation_error");
        let details = error.details.clone().unwrap();
        assert!(
            details
                .iter()
                .any(|detail| detail.field == field && detail.message.contains(message)),
            "{body}: {details:?}"
        );
    }
}

#[tokio::test]
async fn forty_digits_are_refused_not_rounded() {
    let site = site().await;
    let number = "1234567890123456789012345678901234567890";
    for field in ["amount", "count"] {
        let body = format!(r#"{{"name":"a","count":1,"{field}":{number}}}"#).replacen(
            "\"count\":1,\"count\"",
            "\"count\"",
            1,
        );
        let error = refused(site.post_json("/api/things", body).await, 422).await;
        assert_eq!(fields(&error), [field]);
    }
}

#[tokio::test]
async fn several_unknown_fields_are_all_named() {
    let site = site().await;
    let body = json!({"name": "a", "count": 1, "x": 1, "tags": [{"label": "l", "y": {"z": 1}}]});
    let error = refused(site.post_json("/api/things", body.to_string()).await, 422).await;
    let mut named = fields(&error);
    named.sort_unstable();
    assert_eq!(named, ["tags[0].y", "x"]);
}

#[tokio::test]
async fn a_field_sent_twice_is_named() {
    let site = site().await;
    let error = refused(
        site.post_json("/api/things", r#"{"name":"a","name":"b","count":1}"#)
            .await,
        422,
    )
    .await;
    assert_eq!(fields(&error), ["name"]);
}

#[tokio::test]
async fn an_answer_never_repeats_what_was_sent() {
    let site = site().await;
    let secret = "hunter2".repeat(1000);
    for body in [
        json!({"name": "a", "count": secret}),
        json!({"name": "a", "count": 1, "kind": secret}),
        json!({"name": "a", "count": 1, "parent": secret}),
    ] {
        let answer = site.post_json("/api/things", body.to_string()).await;
        let text = answer.text().await.unwrap();
        assert!(!text.contains("hunter2") && text.len() < 1000, "{text}");
    }
    let body = json!({"name": "a", "count": 1, (secret.clone()): 1});
    let text = site
        .post_json("/api/things", body.to_string())
        .await
        .text()
        .await
        .unwrap();
    assert!(text.len() < 1000, "a field name is cut");
}

#[tokio::test]
async fn another_content_type_is_415() {
    let site = site().await;
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/jsonx"),
        Some("application/json; charset=latin1"),
        Some("\u{7f}"),
    ] {
        let mut request = site.post("/api/things").body(good().to_string());
        if let Some(value) = content_type {
            request = request.header("content-type", value.as_bytes());
        }
        let Ok(answer) = request.send().await else {
            continue;
        };
        let error = refused(answer, 415).await;
        assert!(error.message.contains("application/json"));
    }
    let request = site
        .post("/api/things")
        .header("content-type", "application/json; charset=UTF-8");
    assert_eq!(
        request.body(good().to_string()).send().await.unwrap().status(),
        201
    );
}

#[tokio::test]
async fn an_encoded_body_is_415_and_never_inflated() {
    let site = site().await;
    for encoding in ["gzip", "br", "identity, gzip"] {
        let request = site
            .post("/api/things")
            .header("content-type", "application/json");
        let answer = request
            .header("content-encoding", encoding)
            .body(vec![0x1f, 0x8b, 8, 0])
            .send()
            .await
            .unwrap();
        refused(answer, 415).await;
    }
    let request = site
        .post("/api/things")
        .header("content-type", "application/json");
    let answer = request
        .header("content-encoding", "identity")
        .body(good().to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
}

#[tokio::test]
async fn ten_megabytes_are_413_and_the_client_reads_the_answer() {
    let site = site().await;
    for _ in 0..10 {
        let body = format!(r#"{{"name":"{}","count":1}}"#, "a".repeat(10 << 20));
        let error = refused(site.post_json("/api/things", body).await, 413).await;
        assert_eq!(error.error, "too_large");
    }
    let chunks = futures::stream::iter((0..100).map(|_| Ok::<_, std::io::Error>(vec![b' '; 100_000])));
    let answer = site
        .post_json("/api/things", reqwest::Body::wrap_stream(chunks))
        .await;
    refused(answer, 413).await;
    assert_eq!(
        site.post_json("/api/things", good().to_string()).await.status(),
        201,
        "the server goes on"
    );
}

#[tokio::test]
async fn a_large_body_does_not_hide_another_refusal() {
    let site = site().await;
    let answer = site
        .request("DELETE", "/api/things")
        .body(vec![b'x'; 10 << 20])
        .send()
        .await
        .unwrap();
    refused(answer, 405).await;
    let answer = site
        .post("/nowhere")
        .body(vec![b'x'; 10 << 20])
        .send()
        .await
        .unwrap();
    refused(answer, 404).await;
}

#[tokio::test]
async fn an_import_has_its_own_limit_and_type() {
    let mut settings = settings();
    settings.http.import_body_limit = 3 << 20;
    let site = site_with(settings).await;
    let csv = |bytes: usize| {
        site.post("/api/import")
            .header("content-type", "text/csv")
            .body(vec![b'a'; bytes])
    };
    let answer = csv(3 << 20).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), (3 << 20).to_string());
    refused(csv((3 << 20) + 1).send().await.unwrap(), 413).await;
    refused(site.post_json("/api/import", "a,b").await, 415).await;
}

#[tokio::test]
async fn a_slow_body_is_408() {
    let mut settings = settings();
    settings.http.body_timeout_seconds = 1;
    settings.http.import_timeout_seconds = 1;
    let site = site_with(settings).await;
    for (path, content_type) in [("/api/things", "application/json"), ("/api/import", "text/csv")] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\nContent-Length: 20\r\n\r\n{{"
        );
        let started = std::time::Instant::now();
        let answer = raw_until(site.address, head.as_bytes(), Some("request_timeout")).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains(r#""error":"request_timeout""#), "{answer}");
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn a_body_that_is_not_framed_right_harms_nobody() {
    let site = site().await;
    let head = "POST /api/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    let answer = raw(site.address, head.as_bytes()).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
        "{answer}"
    );
    assert_eq!(site.get("/health").send().await.unwrap().status(), 200);
}

/// Sends pieces of a chunked body for as long as the server takes them.
async fn sends_without_end(address: std::net::SocketAddr, head: &str) -> Duration {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let started = std::time::Instant::now();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    loop {
        if stream.write_all(b"1\r\n \r\n").await.is_err() {
            return started.elapsed();
        }
        let read = stream.read_buf(&mut answer);
        if let Ok(Ok(0) | Err(_)) = tokio::time::timeout(Duration::from_millis(50), read).await {
            return started.elapsed();
        }
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "the server reads on and on after {}",
            String::from_utf8_lossy(&answer)
        );
    }
}

#[tokio::test]
async fn a_chunked_body_without_end_is_left_after_the_answer() {
    let mut settings = settings();
    settings.http.body_timeout_seconds = 1;
    let site = site_with(settings).await;
    for head in [
        "POST /api/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /api/things HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
        sends_without_end(site.address, head).await;
    }
}

#[tokio::test]
async fn a_chunked_body_that_ends_keeps_its_connection() {
    let site = site().await;
    let body = good().to_string();
    let request = format!(
        "POST /api/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: \
         chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    let twice = format!("{request}GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let answer = raw(site.address, twice.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(answer.contains("HTTP/1.1 200"), "{answer}");
}
