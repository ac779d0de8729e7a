use crate::served::{Served, access};
use reqwest::Method;
use serde_json::json;
use std::{io::Write, path::Path};

/// 401, 403, 404, 405, 415, 422: one shape for all.
#[tokio::test(flavor = "multi_thread")]
async fn every_failure_has_the_three_keys() {
    let served = Served::new().await;
    let login = served.newcomer("client@example.com", "client").await;
    let token = access(&login);
    let post = |path: &str, token: &str| served.request(Method::POST, path, token);
    let cases = [
        (401, served.request(Method::GET, "/api/v1/clients", "")),
        (401, served.request(Method::GET, "/api/v1/clients", "garbage")),
        (
            403,
            post("/api/v1/clients", token).json(&json!({ "client_name": "x" })),
        ),
        (
            404,
            served.request(
                Method::GET,
                "/api/v1/clients/0190a5c0-0000-7000-8000-000000000000",
                token,
            ),
        ),
        (404, served.request(Method::GET, "/no/such/path", token)),
        (405, served.request(Method::PATCH, "/api/v1/clients", token)),
        (
            415,
            post("/api/v1/transactions", token)
                .header("content-type", "text/plain")
                .body("hello"),
        ),
        (
            400,
            post("/api/v1/transactions", token)
                .header("content-type", "application/json")
                .body("{"),
        ),
        (
            422,
            post("/api/v1/transactions", token).json(&json!({ "type": "expense", "amount": "many" })),
        ),
        (
            422,
            post("/api/v1/transactions", token)
                .json(&json!({ "type": "expense", "amount": 1, "admin": true })),
        ),
    ];
    for (status, request) in cases {
        let reply = served.send(request).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        let keys: Vec<&String> = reply.body.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["details", "error", "message"], "{}", reply.text);
        assert!(reply.headers.contains_key("x-request-id"));
        if status == 422 {
            assert!(reply.body["details"][0]["field"].is_string(), "{}", reply.text);
        }
    }
    served.stop().await;
}

/// Overwrites each page of a file that is open, once everything that is kept stands in it: whoever reads a page finds no
/// database any more.
fn spoil(file: &Path) {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
            assert_eq!(row.get::<_, i64>(0)?, 0, "somebody is reading or writing");
            Ok(())
        })
        .unwrap();
    // Not cut first: pages that are mapped must stay.
    let mut bytes = std::fs::OpenOptions::new().write(true).open(file).unwrap();
    let length = usize::try_from(bytes.metadata().unwrap().len()).unwrap();
    bytes.write_all(&vec![0x5a; length]).unwrap();
}

/// A store that breaks gives 500 or 503 with the public message only, and the process says that it is not healthy.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_store_leaks_nothing() {
    let served = Served::new().await;
    let login = served.newcomer("client@example.com", "client").await;
    spoil(&served.directory.path().join("finance.sqlite3"));
    let body = json!({ "type": "expense", "amount": 50.0, "description": "Test expense" });
    let reply = served.post("/api/v1/transactions", access(&login), &body).await;
    assert!(matches!(reply.status, 500 | 503), "{}", reply.text);
    for secret in ["sqlite", "SQL", "/tmp", "rusqlite", "disk"] {
        assert!(!reply.text.contains(secret), "{}", reply.text);
    }
    if reply.status == 500 {
        assert_eq!(reply.body["message"], "Internal server error");
    }
}
