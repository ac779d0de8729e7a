//! What every answer carries.

use crate::fixture::{refused, settings, site, site_with};
use uuid::Uuid;

#[tokio::test]
async fn a_valid_request_id_is_kept_and_another_replaced() {
    let site = site().await;
    let sent = "0190f7c2-2222-7000-8000-000000000009";
    let answer = site
        .get("/api/who")
        .header("x-request-id", sent)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["x-request-id"], sent);
    for bad in ["", "1", "x\" onerror=", "{}"] {
        let answer = site
            .get("/nowhere")
            .header("x-request-id", bad)
            .send()
            .await
            .unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap();
        assert!(Uuid::parse_str(id).is_ok() && id != bad);
    }
}

#[tokio::test]
async fn a_trace_context_travels_and_a_broken_one_is_dropped() {
    let site = site().await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let value: serde_json::Value = site
        .get("/api/who")
        .header("traceparent", trace)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(value["trace"], trace);
    let value: serde_json::Value = site
        .get("/api/who")
        .header("traceparent", "00-0-0-0")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert!(value["trace"].is_null());
}

#[tokio::test]
async fn pages_of_listed_origins_may_call_and_others_may_not() {
    let site = site().await;
    let preflight = |origin: &'static str| {
        let request = site.request("OPTIONS", "/api/things").header("origin", origin);
        request
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type,idempotency-key",
            )
            .send()
    };
    let allowed = preflight("http://localhost:5173").await.unwrap();
    assert_eq!(allowed.status(), 204);
    let headers = allowed.headers();
    assert_eq!(headers["access-control-allow-origin"], "http://localhost:5173");
    assert!(
        headers["access-control-allow-methods"]
            .to_str()
            .unwrap()
            .contains("POST")
    );
    assert!(
        headers["access-control-allow-headers"]
            .to_str()
            .unwrap()
            .contains("idempotency-key")
    );
    for other in ["http://evil.example", "http://localhost:5174", "null"] {
        let refusal = preflight(other).await.unwrap();
        assert!(
            !refusal.headers().contains_key("access-control-allow-origin"),
            "{other}"
        );
        refused(refusal, 403).await;
    }
    let answer = site
        .get("/nowhere")
        .header("origin", "http://localhost:5173")
        .send()
        .await
        .unwrap();
    assert_eq!(
        answer.headers()["access-control-allow-origin"],
        "http://localhost:5173",
        "errors are readable too"
    );
    assert!(
        answer.headers()["access-control-expose-headers"]
            .to_str()
            .unwrap()
            .contains("x-total-count")
    );
    let answer = site
        .get("/health")
        .header("origin", "http://evil.example")
        .send()
        .await
        .unwrap();
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    assert_eq!(answer.headers()["vary"], "origin");
}

#[tokio::test]
async fn answers_carry_security_headers() {
    let site = site().await;
    for path in ["/api/who", "/nowhere", "/api/panic", "/docs/"] {
        let answer = site.get(path).send().await.unwrap();
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert!(
            headers["content-security-policy"]
                .to_str()
                .unwrap()
                .starts_with("default-src 'none'"),
            "{path}"
        );
        assert!(
            !headers.contains_key("strict-transport-security"),
            "{path}: not in development"
        );
    }
    let mut settings = settings();
    settings.security.environment = runtime::Environment::Production;
    let site = site_with(settings).await;
    let answer = site.get("/api/who").send().await.unwrap();
    assert!(answer.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_504() {
    let mut settings = settings();
    settings.http.request_timeout_seconds = 1;
    let site = site_with(settings).await;
    let answer = site
        .get("/api/slow")
        .header("origin", "http://localhost:5173")
        .send()
        .await
        .unwrap();
    assert!(answer.headers().contains_key("access-control-allow-origin"));
    assert_eq!(refused(answer, 504).await.error, "timeout");
}
