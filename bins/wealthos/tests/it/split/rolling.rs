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
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{task::JoinSet, time::Instant};

const CLIENTS: usize = 3;
/// How long a few requests may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Access tokens live for five minutes.
const TOKEN_IS_OLD: Duration = Duration::from_secs(150);

/// Every process is replaced under load, one after the other, the gateway too: no request fails.
#[tokio::test]
async fn every_process_is_replaced_and_no_request_fails() {
    let mut split = Split::start().await;
    let load = under_load(&split.gateway()).await;
    for name in GROUPS.into_iter().chain([GATEWAY]) {
        split.replace(name).await;
        load.more(1).await;
    }
    finished(&split.gateway(), load).await;
    split.assert_calm();
}

/// Clients at work.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    posted: Arc<AtomicUsize>,
    running: JoinSet<(String, Journal)>,
}

impl Load {
    /// Waits until the clients together have posted so many more transactions.
    pub(super) async fn more(&self, number: usize) {
        let wanted = self.posted.load(Ordering::Relaxed) + number;
        let end = Instant::now() + PATIENCE;
        while self.posted.load(Ordering::Relaxed) < wanted {
            assert!(
                Instant::now() < end,
                "the clients do not get on; one of them may have failed"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Clients that ask every group, and post, until they are told to stop. They end in a panic when a request fails.
pub(super) async fn under_load(api: &Remote) -> Load {
    let mut load = Load {
        stop: Arc::default(),
        posted: Arc::default(),
        running: JoinSet::new(),
    };
    for number in 0..CLIENTS {
        let email = format!("client{number}@example.com");
        let (token, _) = api.newcomer(&email, "client").await;
        let (stop, posted) = (load.stop.clone(), load.posted.clone());
        load.running.spawn(busy(api.clone(), email, token, stop, posted));
    }
    load
}

/// Lets the clients end, and checks that what was acknowledged is there, once.
pub(super) async fn finished(api: &Remote, mut load: Load) {
    load.stop.store(true, Ordering::Relaxed);
    while let Some(ended) = load.running.join_next().await {
        let (email, journal) = ended.unwrap();
        check(api, &api.log_in(&email).await.0, &journal).await;
    }
}

async fn busy(
    api: Remote,
    email: String,
    mut token: String,
    stop: Arc<AtomicBool>,
    posted: Arc<AtomicUsize>,
) -> (String, Journal) {
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
        posted.fetch_add(1, Ordering::Relaxed);
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
