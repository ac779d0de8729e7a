use crate::{Endpoint, Endpoints};
use async_trait::async_trait;
use futures::future::join_all;
use kernel::Tasks;
use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

/// The pause between two rounds of probes.
const PAUSE: Duration = Duration::from_secs(1);
/// The same while an address takes no requests: nobody asks it until a probe has found it again.
const SHORT_PAUSE: Duration = Duration::from_millis(250);
/// The time that a probe may take: a process that is paused accepts connections and never answers.
const PATIENCE: Duration = Duration::from_secs(2);

/// How an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Condition {
    /// It answers and wants requests.
    Healthy,
    /// It answers, but is starting or stopping.
    NotReady,
    /// There is no connection to it.
    Unreachable,
    /// It lets itself be connected to and says nothing: paused, or stuck.
    Silent,
}

/// Finds out how an address is.
#[async_trait]
pub trait Probe: Send + Sync + 'static {
    /// How the address is; must answer within seconds.
    async fn probe(&self, url: &str) -> Condition;
}

/// Asks `GET /ready`: 503 or another 5xx is not ready, any other answer is healthy (a proxy that stands before the
/// group may not know the path).
#[derive(Debug, Clone)]
pub struct ReadyProbe {
    client: reqwest::Client,
}

impl ReadyProbe {
    /// A probe with this client, which must belong to the runtime that [`Endpoints::start_probing`] is called on.
    pub fn new(client: reqwest::Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Probe for ReadyProbe {
    async fn probe(&self, url: &str) -> Condition {
        let asked = self.client.get(format!("{url}/ready")).timeout(PATIENCE);
        match asked.send().await {
            Ok(answer) if answer.status().is_server_error() => Condition::NotReady,
            Ok(_) => Condition::Healthy,
            Err(error) if error.is_timeout() && !error.is_connect() => Condition::Silent,
            Err(_) => Condition::Unreachable,
        }
    }
}

impl Endpoints {
    /// Probes every address once a second, more often while one takes no requests, on the current runtime, until the process stops or nobody holds the
    /// addresses any more.
    pub fn start_probing(self: &Arc<Self>, tasks: &Tasks, probe: impl Probe) {
        self.probed.store(true, Ordering::Release);
        let endpoints = Arc::downgrade(self);
        let stopping = tasks.token();
        tasks.spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = rounds(endpoints, probe) => {}
            }
        });
    }

    /// Probes every address once, all at the same time.
    pub async fn probe_once(&self, probe: &dyn Probe) {
        let list = self.list();
        join_all(list.iter().map(|endpoint| look_at(endpoint, probe))).await;
    }
}

async fn look_at(endpoint: &Endpoint, probe: &dyn Probe) {
    endpoint.probed(probe.probe(endpoint.url()).await);
}

async fn rounds(endpoints: Weak<Endpoints>, probe: impl Probe) {
    while let Some(endpoints) = endpoints.upgrade() {
        endpoints.probe_once(&probe).await;
        let pause = match endpoints.list().iter().all(|endpoint| endpoint.is_healthy()) {
            true => PAUSE,
            false => SHORT_PAUSE,
        };
        drop(endpoints);
        tokio::time::sleep(pause).await;
    }
}
