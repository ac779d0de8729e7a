use crate::{BridgeMetrics, BrokerError};
use events::Backoff;
use kernel::{Sources, Tasks};
use parking_lot::Mutex;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The connections of a process to brokers, for `/ready` and metrics. Cheap to clone.
#[derive(Clone, Default)]
pub struct Links(Arc<Mutex<BTreeMap<String, bool>>>);

impl Links {
    /// The connections that are needed and not there, as in `rabbitmq in`.
    pub fn lost(&self) -> Vec<String> {
        let links = self.0.lock();
        let lost = links.iter().filter(|(_, connected)| !**connected);
        lost.map(|(name, _)| name.clone()).collect()
    }
}

/// One connection to a broker. Cheap to clone.
#[derive(Clone)]
pub struct Link {
    broker: &'static str,
    way: &'static str,
    links: Links,
    metrics: BridgeMetrics,
}

impl Link {
    /// A connection that is not there yet. `way` is `in` or `out`.
    pub fn new(broker: &'static str, way: &'static str, links: &Links, metrics: &BridgeMetrics) -> Self {
        let link = Self {
            broker,
            way,
            links: links.clone(),
            metrics: metrics.clone(),
        };
        link.set(false);
        link
    }

    /// The connection is there.
    pub fn up(&self) {
        if !self.set(true) {
            tracing::info!(broker = self.broker, way = self.way, "connected to the broker");
        }
    }

    /// The connection is lost, or cannot be made.
    pub fn down(&self, error: &(dyn std::error::Error + 'static)) {
        self.set(false);
        tracing::warn!(
            broker = self.broker,
            way = self.way,
            error,
            "no connection to the broker: trying again"
        );
    }

    /// Answers whether it was connected before.
    fn set(&self, connected: bool) -> bool {
        self.metrics.connected(self.broker, self.way, connected);
        let name = format!("{} {}", self.broker, self.way);
        self.links.0.lock().insert(name, connected) == Some(true)
    }
}

/// Runs `work` again and again until the process stops: it connects, says so on the link, and works until the connection
/// breaks. The waits in between grow to 15 seconds and begin anew after a connection that held.
pub async fn keep_connected<F>(link: &Link, sources: &Sources, tasks: &Tasks, work: impl Fn() -> F)
where
    F: Future<Output = Result<(), BrokerError>>,
{
    let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(15));
    while !tasks.is_stopping() {
        let began = sources.now();
        let ended = work().await;
        if tasks.is_stopping() {
            return;
        }
        if (sources.now() - began).num_seconds() >= 5 {
            backoff.reset();
        }
        match ended {
            Ok(()) => link.down(&std::io::Error::other("the broker ended it")),
            Err(error) => link.down(&*error),
        }
        let wait = backoff.next(sources);
        tasks.token().run_until_cancelled(tokio::time::sleep(wait)).await;
    }
}
