//! The routes that every process has.

use crate::{
    fixture::{refused, site},
    group::KNOWN,
};
use serde_json::json;
use web::{Health, Readiness};

#[tokio::test]
async fn health_says_how_it_is() {
    let site = site().await;
    let value: serde_json::Value = site.get("/health").send().await.unwrap().json().await.unwrap();
    assert_eq!(value, json!({"status": "healthy", "details": {"store": "up"}}));
    *site.fakes.health.lock() = Health {
        operational: false,
        details: json!({"store": "down"}),
    };
    let error = refused(site.get("/health").send().await.unwrap(), 503).await;
    assert_eq!(error.message, "System unhealthy");
    assert_eq!(error.details.unwrap()[0].field, "store");
}

#[tokio::test]
async fn ready_names_what_is_missing() {
    let site = site().await;
    *site.fakes.ready.lock() = Readiness {
        ready: true,
        degraded: vec!["finance".into()],
        reasons: vec![],
    };
    let value: serde_json::Value = site.get("/ready").send().await.unwrap().json().await.unwrap();
    assert_eq!(value, json!({"status": "ready", "degraded": ["finance"]}));
    let reasons = vec![kernel::FieldError::new("auth", "has not answered yet")];
    *site.fakes.ready.lock() = Readiness {
        ready: false,
        degraded: vec![],
        reasons,
    };
    let error = refused(site.get("/ready").send().await.unwrap(), 503).await;
    assert_eq!(error.details.unwrap()[0].field, "auth");
}

#[tokio::test]
async fn a_process_that_drains_wants_no_more() {
    let site = site().await;
    site.server.drain();
    let answer = site.get("/ready").send().await.unwrap();
    assert_eq!(answer.headers()["connection"], "close");
    refused(answer, 503).await;
    assert_eq!(
        site.get("/api/who").send().await.unwrap().status(),
        200,
        "but it still serves"
    );
}

#[tokio::test]
async fn metrics_count_by_route_and_not_by_path() {
    let site = site().await;
    site.get(&format!("/api/things/{KNOWN}")).send().await.unwrap();
    for n in 0..20 {
        site.get(&format!("/made/up/{n}")).send().await.unwrap();
    }
    site.request("BREW", "/api/who").send().await.unwrap();
    let text = site.get("/metrics").send().await.unwrap().text().await.unwrap();
    assert!(
        text.contains(r#"http_requests_total{method="GET",route="/api/things/{id}",status="200"} 1"#),
        "{text}"
    );
    assert!(
        text.contains(r#"http_requests_total{method="GET",route="unmatched",status="404"} 20"#),
        "{text}"
    );
    assert!(
        text.contains(r#"http_requests_total{method="OTHER",route="/api/who",status="405"} 1"#),
        "{text}"
    );
    assert!(
        text.contains(r#"http_request_duration_seconds_count{method="GET",route="/api/things/{id}"} 1"#),
        "{text}"
    );
    assert!(
        text.contains("http_requests_in_flight 1"),
        "the scrape itself: {text}"
    );
    assert!(!text.contains("/made/up"));
}

#[tokio::test]
async fn the_extra_listener_serves_metrics_and_nothing_else() {
    let site = site().await;
    let address = site.metrics_address.unwrap();
    let get = |path: &str| site.client.get(format!("http://{address}{path}")).send();
    let answer = get("/metrics").await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().contains("http_requests"));
    for path in ["/", "/health", "/api/who", "/docs/"] {
        assert_eq!(get(path).await.unwrap().status(), 404);
    }
}

#[tokio::test]
async fn docs_come_from_the_binary() {
    let site = site().await;
    for path in ["/", "/docs"] {
        let answer = site.get(path).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["location"]),
            (307, &"/docs/".parse().unwrap())
        );
    }
    let page = site.get("/docs/").send().await.unwrap();
    assert_eq!(page.status(), 200);
    let text = page.text().await.unwrap();
    assert!(
        !text.contains("https://") && !text.contains("//cdn") && !text.contains("<script>"),
        "{text}"
    );
    for file in text
        .split('"')
        .filter(|part| part.ends_with(".js") || part.ends_with(".css"))
    {
        let answer = site
            .get(&format!("/docs/{}", file.trim_start_matches("./")))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{file}");
        if file.contains("initializer") {
            assert!(answer.text().await.unwrap().contains("/openapi.json"));
        }
    }
    assert_eq!(site.get("/docs/nothing.js").send().await.unwrap().status(), 404);
}
