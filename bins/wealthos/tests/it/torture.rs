use crate::process::{Home, Remote};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::task::JoinSet;

/// How often the process is killed in one run.
const KILLS: u64 = 4;
const CLIENTS: usize = 4;

/// What one client sent: for each key the amount, and whether it was acknowledged.
pub(crate) type Journal = BTreeMap<String, (u64, bool)>;

/// Several clients post transactions while the process is killed at odd moments. Afterwards every acknowledged one is
/// there once, none twice, and the feed has no gap.
async fn nothing_is_lost(home: Home) {
    let mut journals: Vec<Journal> = vec![Journal::new(); CLIENTS];
    for round in 0..KILLS {
        let monolith = home.start().await;
        let api = monolith.remote();
        let mut running = JoinSet::new();
        for (number, journal) in journals.iter().enumerate() {
            let email = format!("client{number}@example.com");
            let token = match round {
                0 => api.newcomer(&email, "client").await.0,
                _ => api.log_in(&email).await.0,
            };
            running.spawn(post_until_it_dies(
                api.clone(),
                token,
                number,
                round,
                journal.clone(),
            ));
        }
        // An odd number of milliseconds, another each round: the kill falls at no particular point of the code.
        tokio::time::sleep(Duration::from_millis(137 + round * 71)).await;
        monolith.kill().await;
        while let Some(ended) = running.join_next().await {
            let (number, journal) = ended.unwrap();
            journals[number] = journal;
        }
    }
    let monolith = home.start().await;
    let api = monolith.remote();
    for (number, journal) in journals.iter().enumerate() {
        let (token, _) = api.log_in(&format!("client{number}@example.com")).await;
        check(&api, &token, journal).await;
    }
    let acknowledged: usize = journals
        .iter()
        .flat_map(|journal| journal.values())
        .filter(|(_, done)| *done)
        .count();
    assert!(
        acknowledged > 0,
        "the clients were never answered: the test shows nothing"
    );
    let (code, log) = monolith.terminate().await;
    assert_eq!(code, Some(0), "{log}");
}

/// First asks again for what was not acknowledged, with the same keys; then posts new ones until the process is gone.
async fn post_until_it_dies(
    api: Remote,
    token: String,
    client: usize,
    round: u64,
    mut journal: Journal,
) -> (usize, Journal) {
    let unknown: Vec<(String, u64)> = journal
        .iter()
        .filter(|(_, (_, done))| !done)
        .map(|(key, (amount, _))| (key.clone(), *amount))
        .collect();
    for (key, amount) in unknown {
        if post(&api, &token, &key, amount).await {
            journal.insert(key, (amount, true));
        } else {
            return (client, journal);
        }
    }
    for number in 1_u64.. {
        let (key, amount) = (format!("client{client}-round{round}-{number}"), number);
        journal.insert(key.clone(), (amount, false));
        if !post(&api, &token, &key, amount).await {
            break;
        }
        journal.insert(key, (amount, true));
    }
    (client, journal)
}

/// Whether it was acknowledged.
async fn post(api: &Remote, token: &str, key: &str, amount: u64) -> bool {
    let body = json!({ "type": "income", "amount": amount, "description": key });
    let request = api
        .request(Method::POST, "/api/v1/transactions", token)
        .header("Idempotency-Key", key)
        .json(&body);
    match api.try_send(request).await {
        Ok(reply) => {
            assert!(
                matches!(reply.status, 200 | 503),
                "{}: {}",
                reply.status,
                reply.body
            );
            reply.status == 200
        }
        Err(_) => false,
    }
}

/// Every acknowledged one is there once, none twice, nothing else is, and the feed says the same.
pub(crate) async fn check(api: &Remote, token: &str, journal: &Journal) {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut place = "/api/v1/transactions?limit=200".to_owned();
    loop {
        let page = api.get(&place, token).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for transaction in page.body.as_array().unwrap() {
            let text = |name: &str| match &transaction[name] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            found.push((text("description"), text("amount")));
        }
        let Some(link) = page.headers.get("link") else {
            break;
        };
        let link = link.to_str().unwrap();
        place = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
    let keys: BTreeSet<&String> = found.iter().map(|(key, _)| key).collect();
    assert_eq!(keys.len(), found.len(), "a transaction was posted twice");
    for (key, (amount, acknowledged)) in journal {
        match found.iter().find(|(description, _)| description == key) {
            Some((_, stored)) => assert_eq!(
                stored.parse::<f64>().unwrap().to_string(),
                amount.to_string(),
                "{key}"
            ),
            None => assert!(!acknowledged, "{key} was acknowledged and is lost"),
        }
    }
    assert!(
        found.iter().all(|(key, _)| journal.contains_key(key)),
        "a transaction that nobody sent"
    );
    dense_feed(api, token).await;
}

/// The caller's own part of the feed: places rise, one event of its kind for each transaction.
async fn dense_feed(api: &Remote, token: &str) {
    let mut after = 0;
    let mut subjects = BTreeSet::new();
    loop {
        let path = format!(
            "/api/infrastructure/events?group=finance&type=transaction.created&limit=200&after={after}"
        );
        let page = api.get(&path, token).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for event in page.body.as_array().unwrap() {
            let seq = event["seq"].as_u64().unwrap();
            assert!(seq > after, "an event appeared behind the reader");
            after = seq;
            assert!(
                subjects.insert(event["subject"].as_str().unwrap().to_owned()),
                "an event twice"
            );
        }
        if !page.headers.contains_key("link") {
            return;
        }
    }
}

#[tokio::test]
async fn kill_9_loses_nothing_on_sqlite() {
    nothing_is_lost(Home::sqlite()).await;
}

#[tokio::test]
async fn kill_9_loses_nothing_on_mongodb() {
    nothing_is_lost(Home::mongodb()).await;
}
