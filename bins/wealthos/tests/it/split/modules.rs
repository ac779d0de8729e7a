//! The four services of source 004, each a process that serves its own routes and no others.

use super::Split;
use crate::process::Remote;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// How long something may take that happens by itself.
const PATIENCE: Duration = Duration::from_secs(120);
/// A second process of accounting.
const TWIN: &str = "accounting-twin";

const SERVICES: [&str; 4] = ["accounting", "inventory", "mortgage", "finance"];

/// A request, and the services that answer it.
struct Asked {
    method: Method,
    path: &'static str,
    body: Value,
    by: &'static [&'static str],
}

fn asked(method: Method, path: &'static str, body: Value, by: &'static [&'static str]) -> Asked {
    Asked {
        method,
        path,
        body,
        by,
    }
}

fn requests() -> Vec<Asked> {
    let posting = || json!({ "type": "expense", "amount": 3 });
    let loan = || json!({ "principal": 1000, "annual_rate": 0.06, "term_months": 12 });
    let command = json!({ "command": "create_transaction", "params": posting() });
    let income = json!({ "income": 1000, "method": "50/30/20" });
    let (get, post) = (|| Method::GET, || Method::POST);
    vec![
        asked(
            post(),
            "/create_transaction",
            posting(),
            &["accounting", "finance"],
        ),
        asked(post(), "/api/v1/transactions", posting(), &["accounting"]),
        asked(
            post(),
            "/api/accounting/create_transaction",
            posting(),
            &["accounting"],
        ),
        asked(
            get(),
            "/api/v1/ledger/statements/trial-balance",
            Value::Null,
            &["accounting"],
        ),
        asked(get(), "/api/v1/fx-rates", Value::Null, &["accounting"]),
        asked(get(), "/api/v1/inventory/items", Value::Null, &["inventory"]),
        asked(
            get(),
            "/api/inventory/api/v1/inventory/items",
            Value::Null,
            &["inventory"],
        ),
        asked(post(), "/api/v1/mortgage/calculate", loan(), &["mortgage"]),
        asked(
            post(),
            "/api/mortgage/api/v1/mortgage/calculate",
            loan(),
            &["mortgage"],
        ),
        asked(get(), "/financial_report", Value::Null, &["finance"]),
        asked(get(), "/api/finance/financial_report", Value::Null, &["finance"]),
        asked(get(), "/api/v1/financial-report", Value::Null, &["finance"]),
        asked(post(), "/api/v1/budget/recommend", income, &["finance"]),
        asked(post(), "/api/finance/commands", command, &["finance"]),
        asked(post(), "/api/v1/events/ticket", Value::Null, &["finance"]),
        asked(get(), "/api/auth/me", Value::Null, &[]),
        asked(get(), "/no/such/path", Value::Null, &[]),
    ]
}

async fn status(api: &Remote, asked: &Asked, token: &str) -> (u16, Value) {
    let mut request = api.request(asked.method.clone(), asked.path, token);
    if asked.body != Value::Null {
        request = request.json(&asked.body);
    }
    let reply = api.try_send(request).await.unwrap();
    (reply.status, reply.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_serves_its_own_routes_and_no_others() {
    let split = Split::modules(&SERVICES).await;
    let front = split.gateway();
    let (token, _) = front.newcomer("payer@example.com", "client").await;
    let mut posted = 0;
    for name in SERVICES {
        let api = split.remote(name);
        for asked in requests() {
            let (status, body) = status(&api, &asked, &token).await;
            let line = format!("{name}: {} {}: {body}", asked.method, asked.path);
            match asked.by.contains(&name) {
                true => assert_eq!(status, 200, "{line}"),
                false => assert_eq!(status, 404, "{line}"),
            }
            let posts = asked.path.ends_with("transaction")
                || asked.path.ends_with("transactions")
                || asked.path.ends_with("commands");
            posted += u64::from(status == 200 && posts);
        }
        // What it describes is what it serves.
        let described = api.get("/openapi.json", "").await.body;
        for path in described["paths"].as_object().unwrap().keys() {
            let reply = api.get(path, "").await;
            assert_ne!(
                reply.status, 404,
                "{name}: {path} is described and not served: {}",
                reply.body
            );
        }
    }
    // Each of them on the same ledger as the process that users talk to.
    let report = front.get("/api/v1/financial-report", &token).await;
    assert_eq!(report.body["transactions"], posted, "{}", report.body);
    split.assert_calm();
}

/// How many requests to a route a process has answered.
async fn answered(split: &Split, name: &str, route: &str) -> u64 {
    let metrics = split.remote(name).get("/metrics", "").await.body;
    let metrics = metrics.as_str().unwrap_or_default().to_owned();
    let route = format!(r#"route="{route}""#);
    let counted = metrics
        .lines()
        .filter(|line| line.starts_with("http_requests_total") && line.contains(&route));
    counted
        .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
        .sum()
}

/// Posts through the process that users talk to, until `enough`; each posting must be taken.
async fn post_until(split: &Split, token: &str, word: &str, enough: impl AsyncFn() -> bool) -> u64 {
    let end = Instant::now() + PATIENCE;
    for number in 0.. {
        let body = json!({ "type": "income", "amount": 1, "description": format!("{word} {number}") });
        let request = split
            .gateway()
            .request(Method::POST, "/api/v1/transactions", token);
        let request = request
            .header("idempotency-key", format!("{word}-{number}"))
            .json(&body);
        let reply = split.gateway().try_send(request).await.unwrap();
        assert_eq!(reply.status, 200, "{word} {number}: {}", reply.body);
        if enough().await {
            return number + 1;
        }
        assert!(Instant::now() < end, "{word}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    unreachable!()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modules_paths_go_to_its_own_processes_and_one_that_dies_drops_out() {
    let services = [
        ("accounting", "accounting"),
        ("inventory", "inventory"),
        ("mortgage", "mortgage"),
        ("finance", "finance_finance"),
    ];
    let mut split = Split::forwarded_modules(&services, TWIN).await;
    let front = split.gateway();
    let (token, _) = front.newcomer("payer@example.com", "client").await;
    for asked in requests() {
        let (status, body) = status(&front, &asked, &token).await;
        let wanted = if asked.path == "/no/such/path" { 404 } else { 200 };
        assert_eq!(status, wanted, "{} {}: {body}", asked.method, asked.path);
    }
    for (name, route) in [
        ("accounting", "/api/v1/transactions"),
        ("accounting", "/create_transaction"),
        ("accounting", "/api/v1/fx-rates"),
        ("inventory", "/api/v1/inventory/items"),
        ("mortgage", "/api/v1/mortgage/calculate"),
        ("finance", "/api/v1/financial-report"),
        ("finance", "/api/finance/commands"),
    ] {
        assert!(
            answered(&split, name, route).await > 0,
            "{name} answered nothing on {route}"
        );
    }
    let (rest, route) = (
        front.get("/api/v1/financial-report", &token).await,
        "/api/v1/transactions",
    );
    let mut posted = rest.body["transactions"].as_u64().unwrap();

    split.spawn(TWIN);
    split.ready(TWIN).await;
    posted += post_until(&split, &token, "found", async || {
        answered(&split, TWIN, route).await > 0
    })
    .await;
    let before = answered(&split, "accounting", route).await;
    posted += post_until(&split, &token, "shared", async || {
        answered(&split, "accounting", route).await > before
    })
    .await;
    split.kill("accounting").await;
    let before = answered(&split, TWIN, route).await;
    posted += post_until(&split, &token, "alone", async || {
        answered(&split, TWIN, route).await >= before + 20
    })
    .await;
    let report = front.get("/api/v1/financial-report", &token).await;
    assert_eq!(report.body["transactions"], posted, "{}", report.body);
    split.assert_calm();
}
