//! What stands in the log after a request.

use crate::fixture::site;
use parking_lot::Mutex;
use runtime::telemetry::JsonLines;
use serde_json::Value;
use std::{
    sync::{LazyLock, Once},
    time::Duration,
};
use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt};

static LINES: LazyLock<Mutex<Vec<u8>>> = LazyLock::new(Mutex::default);

/// Collects all log lines of this test binary.
pub fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::registry()
            .with(LevelFilter::INFO)
            .with(JsonLines::new(|line: &[u8]| LINES.lock().extend_from_slice(line)))
            .init();
    });
}

/// The request lines with this request id, once there is one.
pub async fn lines_of(request_id: &str) -> Vec<Value> {
    lines_that(request_id, |line| line["message"] == "request").await
}

/// The lines with this request id that are of a kind, once there is one.
pub async fn lines_that(request_id: &str, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    for _ in 0..500 {
        let text = String::from_utf8(LINES.lock().clone()).unwrap();
        let found: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("every line is JSON"))
            .filter(|line: &Value| line["request_id"] == request_id && wanted(line))
            .collect();
        if !found.is_empty() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no line was written");
}

#[tokio::test]
async fn every_request_is_one_line() {
    let site = site().await;
    let token = site.token(chrono::TimeDelta::zero());
    let answer = site
        .get("/api/me?secret=hidden")
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let length = answer.content_length();
    let lines = lines_of(&id).await;
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(line["message"], "request");
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["method"], "GET");
    assert_eq!(line["route"], "/api/me");
    assert_eq!(line["path"], "/api/me");
    assert_eq!(line["status"], 200);
    assert_eq!(line["user_id"], site.user.user.to_string());
    assert_eq!(line["bytes"].as_u64(), length);
    assert!(line["duration_ms"].is_number());
    assert!(!line.to_string().contains("hidden") && !line.to_string().contains(&token));
}

#[tokio::test]
async fn a_500_leaves_its_cause_in_the_log_and_nowhere_else() {
    let site = site().await;
    let answer = site.get("/api/broken").send().await.unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert!(!answer.text().await.unwrap().contains("fire"));
    let line = &lines_of(&id).await[0];
    assert_eq!(line["level"], "ERROR");
    assert!(line["exception"].as_str().unwrap().contains("disk on fire"));
}

#[tokio::test]
async fn a_panic_is_logged_with_personal_text_masked() {
    let site = site().await;
    let answer = site.get("/api/panic").send().await.unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let line = lines_of(&id).await[0].to_string();
    assert!(
        line.contains("fell over") && !line.contains("rajesh@example.com"),
        "{line}"
    );
}
