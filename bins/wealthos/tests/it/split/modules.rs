//! The four services of source 004, each a process that serves its own routes and no others.

use super::Split;
use crate::process::Remote;
use reqwest::Method;
use serde_json::{Value, json};

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
