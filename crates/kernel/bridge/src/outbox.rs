use crate::{BridgeMetrics, BrokerError};
use async_trait::async_trait;
use events::{Failure, Projection};
use kernel::{AuditRecord, CallContext, EventEnvelope};
use std::sync::Arc;
use store::{Batch, Store};

/// The most events that are handed to a broker before its confirmations are waited for.
const RUN: usize = 100;

/// Why events were not taken by a broker: tried again until they are.
#[derive(Debug, thiserror::Error)]
#[error("the broker did not take an event")]
pub struct PublishError(#[source] pub BrokerError);

/// Sends events to a broker.
#[async_trait]
pub trait Publisher: Send + Sync + 'static {
    /// Sends these events in order; answers when the broker has confirmed all of them.
    async fn publish(&self, events: &[&EventEnvelope]) -> Result<(), PublishError>;
}

/// Brings the events of one group to a broker. The place in the feed is kept in the group's store under the bridge's name,
/// so that it goes on where it was, in whichever process. Audit records stay inside.
pub struct Outbox {
    name: &'static str,
    broker: &'static str,
    store: Store,
    publisher: Arc<dyn Publisher>,
    metrics: BridgeMetrics,
}

impl Outbox {
    /// An outbox of the group whose store this is. `name` is kept for ever, as in `bridge.rabbitmq`.
    pub fn new(
        name: &'static str,
        broker: &'static str,
        store: Store,
        publisher: Arc<dyn Publisher>,
        metrics: BridgeMetrics,
    ) -> Self {
        Self {
            name,
            broker,
            store,
            publisher,
            metrics,
        }
    }
}

#[async_trait]
impl Projection for Outbox {
    fn name(&self) -> &'static str {
        self.name
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type != AuditRecord::EVENT_TYPE
    }

    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        self.apply_run(cx, &[event]).await
    }

    fn longest_run(&self) -> usize {
        RUN
    }

    async fn apply_run(&self, cx: &CallContext, run: &[&EventEnvelope]) -> Result<Batch, Failure> {
        self.publisher
            .publish(run)
            .await
            .map_err(|error| Failure::transient(error.to_string()))?;
        self.metrics.published(self.broker, run.len());
        Ok(self.store.batch(cx))
    }

    fn gives_up(&self) -> bool {
        false
    }
}

/// The message of an event: the event as it stands in the feed.
pub fn envelope(event: &EventEnvelope) -> Result<Vec<u8>, PublishError> {
    serde_json::to_vec(event).map_err(|error| PublishError(error.into()))
}
