use crate::BROKER;
use async_trait::async_trait;
use bridge::{BrokerError, Link, PublishError, Publisher, envelope};
use kernel::EventEnvelope;
use rdkafka::{
    ClientConfig,
    error::KafkaError,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
    util::Timeout,
};
use runtime::settings::KafkaSettings;
use std::time::Duration;

/// How long a message may wait for room before it is sent.
pub(crate) const TIMEOUT: Timeout = Timeout::After(Duration::from_secs(10));

/// A producer whose messages are taken once and in order, or not at all.
pub(crate) fn producer(brokers: &str) -> Result<FutureProducer, KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("client.id", "wealthos-events")
        .set("enable.idempotence", "true")
        .set("message.timeout.ms", "10000")
        .set("linger.ms", "5")
        .create()
}

/// Sends events to a topic: the key is what the event happened to, so that the events of one thing keep their order; the
/// headers `id` and `type` name it.
pub struct KafkaPublisher {
    topic: String,
    producer: FutureProducer,
    link: Link,
}

impl KafkaPublisher {
    /// A publisher that connects by itself, and again.
    pub fn new(brokers: &str, settings: &KafkaSettings, link: Link) -> Result<Self, BrokerError> {
        Ok(Self {
            topic: settings.events_topic.clone(),
            producer: producer(brokers)?,
            link,
        })
    }

    async fn send(&self, events: &[&EventEnvelope]) -> Result<(), BrokerError> {
        let mut sending = Vec::with_capacity(events.len());
        for event in events {
            let (id, payload) = (event.id.to_string(), envelope(event)?);
            let headers = [("id", id.as_bytes()), ("type", event.event_type.as_bytes())];
            let headers = headers
                .into_iter()
                .fold(OwnedHeaders::new(), |headers, (key, value)| {
                    headers.insert(Header {
                        key,
                        value: Some(value),
                    })
                });
            let record = FutureRecord::to(&self.topic)
                .key(&event.subject)
                .payload(&payload)
                .headers(headers);
            // Queued now, in this order; whether it was taken is asked afterwards.
            let queued = self.producer.send_result(record).map_err(|(error, _)| error)?;
            sending.push(queued);
        }
        for sent in sending {
            sent.await?.map_err(|(error, _)| error)?;
        }
        Ok(())
    }
}

#[async_trait]
impl Publisher for KafkaPublisher {
    async fn publish(&self, events: &[&EventEnvelope]) -> Result<(), PublishError> {
        match self.send(events).await {
            Ok(()) => {
                self.link.up();
                Ok(())
            }
            Err(error) => {
                tracing::debug!(broker = BROKER, "events were not taken");
                self.link.down(&*error);
                Err(PublishError(error))
            }
        }
    }
}
