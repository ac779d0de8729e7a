use super::{Split, harness::GROUPS};
use reqwest::{Method, header::HeaderValue};
use serde_json::{Value, json};

/// Ends a line and begins one that looks like ours, and what a terminal would obey.
const FORGED: &str = "x\r\n{\"level\":\"ERROR\",\"message\":\"forged by a client\",\"user\":\"admin\"}\r\n\u{1b}[2J\u{0}\u{2028}";

/// Whatever a client sends, a line of the log is a line of ours: in the gateway and in every service behind it.
#[tokio::test]
async fn no_client_writes_a_log_line_in_any_process() {
    let split = Split::start().await;
    let api = split.gateway();
    let (token, _) = api.newcomer("advisor@example.com", "advisor").await;
    let encoded: String = FORGED.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for (path, by) in [
        (format!("/{encoded}"), ""),
        (format!("/api/auth/me?x={encoded}"), token.as_str()),
        (format!("/api/v1/clients/{encoded}"), token.as_str()),
        (format!("/api/v1/transactions?category={encoded}"), token.as_str()),
        (format!("/api/v1/accounts/{encoded}"), token.as_str()),
        (
            format!("/api/infrastructure/events?group={encoded}"),
            token.as_str(),
        ),
        (format!("/api/integrations/{encoded}"), token.as_str()),
    ] {
        let status = api.get(&path, by).await.status;
        assert!(status < 500, "{path}: {status}");
    }
    // What a header can hold: everything but line ends.
    let in_header =
        HeaderValue::from_bytes(b"x\",\"level\":\"ERROR\",\"message\":\"forged by a client\xff").unwrap();
    for name in [
        "user-agent",
        "x-request-id",
        "traceparent",
        "x-forwarded-for",
        "referer",
        "idempotency-key",
    ] {
        let asked = api
            .request(Method::GET, "/api/v1/clients", &token)
            .header(name, &in_header);
        assert!(api.try_send(asked).await.unwrap().status < 500, "{name}");
    }
    for (path, body) in [
        ("/api/auth/login", json!({ "email": FORGED, "password": FORGED })),
        (
            "/api/auth/register",
            json!({ "email": FORGED, "password": FORGED, "name": FORGED }),
        ),
        (
            "/api/v1/clients",
            json!({ "client_name": FORGED, FORGED: FORGED }),
        ),
        (
            "/api/v1/transactions",
            json!({ "type": FORGED, "amount": FORGED }),
        ),
    ] {
        let status = api.post(path, &token, &body).await.status;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    split.assert_calm();
    for name in GROUPS.into_iter().chain(["gateway"]) {
        let log = split.log_of(name);
        let lines = log
            .split(['\n', '\r', '\u{2028}'])
            .filter(|line| line.starts_with('{'));
        let mut count = 0;
        for line in lines {
            let line: Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}: {line}"));
            assert_ne!(line["message"], "forged by a client", "{name}");
            assert!(line["timestamp"].is_string(), "{name}: {line}");
            count += 1;
        }
        assert!(count > 0, "{name} wrote nothing");
        assert!(
            !log.contains('\u{1b}') && !log.contains('\u{0}'),
            "{name} wrote control characters"
        );
    }
}
