use crate::process::{Home, Remote, Reply};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const STATEMENT: &str =
    include_str!("../../../../crates/groups/finance/tests/fixtures/checking-2024-2025-usd.csv");

/// The main job: from an empty directory to a report over a real bank statement, and out again.
async fn on_a_monolith(home: Home) {
    let monolith = home.start().await;
    the_main_job(&monolith.remote()).await;
    let (code, log) = monolith.terminate().await;
    assert_eq!(code, Some(0), "{log}");
}

/// The same on whatever answers there.
pub(crate) async fn the_main_job(api: &Remote) {
    let (token, advisor) = api.newcomer("advisor@example.com", "advisor").await;

    let client = api
        .post(
            "/api/v1/clients",
            &token,
            &json!({ "client_name": "Rajesh Kumar" }),
        )
        .await;
    assert_eq!(client.status, 201, "{}", client.body);
    let user = client.body["user_id"].as_str().unwrap();

    let account = json!({ "name": "Checking", "kind": "checking", "currency": "USD", "user_id": user });
    let account = api.post("/api/v1/accounts", &token, &account).await;
    assert_eq!(account.status, 201, "{}", account.body);
    let account = account.body["id"].as_str().unwrap().to_owned();

    let dry = import(api, &token, &account, true).await;
    assert_eq!(
        (dry.status, &dry.body["rows"]),
        (200, &json!(200)),
        "{}",
        dry.body
    );
    let first = import(api, &token, &account, false).await;
    assert_eq!(
        (first.status, &first.body["imported"]),
        (200, &json!(200)),
        "{}",
        first.body
    );
    let second = import(api, &token, &account, false).await;
    assert_eq!(
        (&second.body["imported"], &second.body["duplicates"]),
        (&json!(0), &json!(200)),
        "{}",
        second.body
    );

    let accounts = api.get(&format!("/api/v1/accounts/{user}"), &token).await;
    let closing = STATEMENT.lines().last().unwrap().rsplit(',').next().unwrap();
    assert_eq!(
        accounts.body[0]["balance"].to_string(),
        closing,
        "{}",
        accounts.body
    );
    let report = api
        .get(&format!("/api/v1/financial-report?user_id={user}"), &token)
        .await;
    assert_eq!(report.status, 200, "{}", report.body);

    let events = events(api, &token, 200).await;
    assert!(
        events
            .iter()
            .all(|event| event["actor"] == format!("user/{advisor}"))
    );
    let seqs: Vec<u64> = events
        .iter()
        .map(|event| event["seq"].as_u64().unwrap())
        .collect();
    assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]));

    let out = api
        .try_send(api.request(Method::POST, "/api/auth/logout", &token))
        .await
        .unwrap();
    assert_eq!(out.status, 204, "{}", out.body);
    let refused = refusal(api, &token).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (401, &Value::from("unauthenticated"))
    );
    assert!(refused.headers.contains_key("www-authenticate"));
}

/// The answer to somebody who has logged out: every process knows of it within a second, the one that answered at once.
async fn refusal(api: &Remote, token: &str) -> Reply {
    let end = tokio::time::Instant::now() + Duration::from_secs(10);
    loop {
        let answer = api.get("/api/v1/clients", token).await;
        if answer.status == 401 || tokio::time::Instant::now() > end {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The caller's postings in the finance feed. On MongoDB they are numbered a moment after the commit.
async fn events(api: &Remote, token: &str, wanted: usize) -> Vec<Value> {
    let end = tokio::time::Instant::now() + Duration::from_secs(10);
    let place = "/api/infrastructure/events?group=finance&type=transaction.created&limit=200";
    loop {
        let page = api.get(place, token).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let events = page.body.as_array().unwrap().clone();
        if events.len() == wanted {
            return events;
        }
        let missing = wanted - events.len();
        assert!(
            tokio::time::Instant::now() < end,
            "{missing} events are missing after 10 s"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn import(api: &Remote, token: &str, account: &str, dry_run: bool) -> Reply {
    let path = format!("/api/v1/transactions/import?account_id={account}&dry_run={dry_run}");
    let request = api
        .request(Method::POST, &path, token)
        .header("Content-Type", "text/csv")
        .body(STATEMENT);
    api.try_send(request).await.unwrap()
}

#[tokio::test]
async fn the_main_job_works_on_sqlite() {
    on_a_monolith(Home::sqlite()).await;
}

#[tokio::test]
async fn the_main_job_works_on_mongodb() {
    on_a_monolith(Home::mongodb()).await;
}
