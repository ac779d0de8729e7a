//! Several processes behind one name: they share the load, one that dies drops out, and one that is back takes its part.

use super::{
    Split,
    harness::{FOUND, TWIN},
};
use crate::process::{Home, Remote};
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

/// How long something may take that happens by itself.
const PATIENCE: Duration = Duration::from_secs(120);

/// How many postings a process has answered.
async fn answered(split: &Split, name: &str) -> u64 {
    let metrics = split.remote(name).get("/metrics", "").await.body;
    let metrics = metrics.as_str().unwrap_or_default().to_owned();
    let posted = metrics.lines().filter(|line| {
        line.starts_with("http_requests_total")
            && line.contains(r#"method="POST""#)
            && line.contains(r#"route="/api/v1/transactions""#)
    });
    posted
        .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
        .sum()
}

/// Posts so many, each once and without a failure.
async fn post(api: &Remote, token: &str, names: impl Iterator<Item = String>) {
    for name in names {
        let body = json!({ "type": "income", "amount": 1, "description": name });
        let request = api.request(Method::POST, "/api/v1/transactions", token);
        let request = request.header("idempotency-key", &name).json(&body);
        let reply = api.try_send(request).await.unwrap();
        assert_eq!(reply.status, 200, "{name}: {}", reply.body);
    }
}

fn numbered(word: &'static str, count: usize) -> impl Iterator<Item = String> {
    (0..count).map(move |number| format!("{word}-{number}"))
}

/// The number of transactions, asked so often that every process is.
async fn agreed(api: &Remote, token: &str) -> Value {
    let mut counts = Vec::new();
    for _ in 0..6 {
        let report = api.get("/api/v1/financial-report", token).await;
        assert_eq!(report.status, 200, "{}", report.body);
        counts.push(report.body["transactions"].clone());
    }
    counts.dedup();
    assert_eq!(counts.len(), 1, "{counts:?}");
    counts.remove(0)
}

/// Posts until a process has answered one more.
async fn until_it_answers(split: &Split, name: &str, token: &str, word: &str) -> usize {
    let (api, before) = (split.gateway(), answered(split, name).await);
    let end = Instant::now() + PATIENCE;
    for number in 0.. {
        post(&api, token, std::iter::once(format!("{word}-{number}"))).await;
        if answered(split, name).await > before {
            return number + 1;
        }
        assert!(Instant::now() < end, "{name} takes no part");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    unreachable!()
}

/// Waits until so many processes of finance take requests, as the gateway sees it.
async fn until_healthy(split: &Split, count: u64) {
    let wanted = format!(r#"endpoints_healthy{{group="finance"}} {count}"#);
    let end = Instant::now() + PATIENCE;
    loop {
        let metrics = split.gateway().get("/metrics", "").await.body;
        let metrics = metrics.as_str().unwrap_or_default();
        if metrics.lines().any(|line| line == wanted) {
            return;
        }
        let said: Vec<&str> = metrics
            .lines()
            .filter(|line| line.starts_with("endpoints_"))
            .collect();
        assert!(Instant::now() < end, "not {count} of finance: {said:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_of_one_name_share_the_load_and_a_dead_one_drops_out() {
    shared(Home::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_of_one_name_share_the_load_on_mongodb() {
    shared(Home::mongodb()).await;
}

async fn shared(home: Home) {
    let mut split = Split::sharing(home).await;
    let api = split.gateway();
    let (token, _) = api.newcomer("payer@example.com", "client").await;
    let mut request = format!(
        "{}/ws/transactions",
        split.address("gateway").replace("http:", "ws:")
    )
    .into_client_request()
    .unwrap();
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();

    post(&api, &token, numbered("shared", 20)).await;
    let shares = [answered(&split, "finance").await, answered(&split, TWIN).await];
    assert_eq!(
        shares.iter().sum::<u64>(),
        20,
        "each is answered by one of them: {shares:?}"
    );
    assert!(shares.iter().all(|share| *share >= 5), "{shares:?}");
    assert_eq!(agreed(&api, &token).await, 20, "whoever is asked knows of all");
    // The socket hangs on one of them and hears of what the other posted.
    let mut heard = BTreeSet::new();
    while heard.len() < 20 {
        let next = timeout(PATIENCE, socket.next())
            .await
            .expect("not every posting is told");
        if let Message::Text(text) = next.unwrap().unwrap() {
            let told: Value = serde_json::from_str(&text).unwrap();
            if told["event"] == "new_transaction" {
                heard.insert(told["data"]["id"].to_string());
            }
        }
    }

    // One of them dies: nobody notices, and what it had posted is there.
    split.kill(TWIN).await;
    post(&api, &token, numbered("alone", 20)).await;
    until_healthy(&split, 1).await;
    assert_eq!(agreed(&api, &token).await, 40);
    // The same names again: whoever posted them first, nothing is posted twice.
    post(&api, &token, numbered("shared", 20)).await;
    assert_eq!(agreed(&api, &token).await, 40);

    // It is back.
    split.spawn(TWIN);
    let mut count = 40 + until_it_answers(&split, TWIN, &token, "back").await;
    assert_eq!(agreed(&api, &token).await, count);

    // One that the topology does not know announces itself, takes its part, and drops out when it dies.
    split.spawn(FOUND);
    split.ready(FOUND).await;
    count += until_it_answers(&split, FOUND, &token, "found").await;
    until_healthy(&split, 3).await;
    split.kill(FOUND).await;
    post(&api, &token, numbered("without", 12)).await;
    count += 12;
    assert_eq!(agreed(&api, &token).await, count);
    until_healthy(&split, 2).await;
    split.assert_calm();
}
