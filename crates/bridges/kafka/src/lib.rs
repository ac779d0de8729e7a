//! Between Kafka and the platform: commands in by topics, events out to one. What is promised stands in [`bridge`].
//! Connections are without TLS: librdkafka takes it from OpenSSL, which is not linked in.

mod consumer;
mod headers;
mod producer;

pub use consumer::consume;
pub use producer::KafkaPublisher;

/// The name of the broker in logs, metrics and states.
pub const BROKER: &str = "kafka";
