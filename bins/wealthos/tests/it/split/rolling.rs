use super::{
    Split,
    harness::{GATEWAY, GROUPS},
};
use crate::{
    process::{Remote, Reply},
    torture::{Journal, check},
};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{task::JoinSet, time::Instant};

const CLIENTS: usize = 3;
/// Access tokens live for five minutes.
const TOKEN_IS_OLD: Duration = Duration::from_secs(150);

/// Every process is replaced under load, one after the other, the gateway too: no request fails.
#[tokio::test]
async fn every_process_is_replaced_and_no_request_fails() {
    let mut split = Split::start().await;
    let (stop, mut running) = under_load(&split.gateway()).await;
    for name in GROUPS.into_iter().chain([GATEWAY]) {
        split.replace(name).await;
    }
    stop.store(true, Ordering::Relaxed);
    let api = split.gateway();
    let mut sent = 0;
    while let Some(ended) = running.join_next().await {
        let (email, journal) = ended.unwrap();
        sent += journal.len();
        check(&api, &api.log_in(&email).await.0, &journal).await;
    }
    assert!(sent >= GROUPS.len(), "so few requests show nothing: {sent}");
    split.assert_calm();
}

/// What every client did, when they are told to stop.
pub(super) type Load = (Arc<AtomicBool>, JoinSet<(String, Journal)>);

/// Clients that ask every group, and post, until they are told to stop. They end in a panic when a request fails.
pub(super) async fn under_load(api: &Remote) -> Load {
    let stop = Arc::new(AtomicBool::new(false));
    let mut running = JoinSet::new();
    for number in 0..CLIENTS {
        let email = format!("client{number}@example.com");
        let (token, _) = api.newcomer(&email, "client").await;
        running.spawn(busy(api.clone(), email, token, stop.clone()));
    }
    (stop, running)
}

async fn busy(api: Remote, email: String, mut token: String, stop: Arc<AtomicBool>) -> (String, Journal) {
    let mut journal = Journal::new();
    let mut since = Instant::now();
    for number in 1_u64.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        if since.elapsed() > TOKEN_IS_OLD {
            (token, since) = (api.log_in(&email).await.0, Instant::now());
        }
        for path in [
            "/api/auth/me",
            "/api/v1/clients",
            "/api/integrations",
            "/api/infrastructure/registry",
        ] {
            let reply = sent(&api, || api.request(Method::GET, path, &token)).await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        }
        let key = format!("{email}-{number}");
        let body = json!({ "type": "income", "amount": number, "description": key });
        let reply = sent(&api, || {
            let request = api.request(Method::POST, "/api/v1/transactions", &token);
            request.header("Idempotency-Key", &key).json(&body)
        })
        .await;
        assert_eq!(reply.status, 200, "{key}: {}", reply.body);
        journal.insert(key, (number, true));
    }
    (email, journal)
}

/// Sends a request, and once more when the connection was closed under it: a client cannot know that a kept connection
/// is about to be closed.
async fn sent(api: &Remote, request: impl Fn() -> RequestBuilder) -> Reply {
    match api.try_send(request()).await {
        Ok(reply) => reply,
        Err(first) => {
            let again = api.try_send(request()).await;
            again.unwrap_or_else(|second| panic!("failed twice: {first:?}, then {second:?}"))
        }
    }
}
