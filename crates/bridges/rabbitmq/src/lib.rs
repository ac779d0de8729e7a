//! Between RabbitMQ and the platform: commands in by a durable queue, events out by a topic exchange. What is promised
//! stands in [`bridge`].

mod connection;
mod consumer;
mod publisher;

pub use consumer::consume;
pub use publisher::RabbitMqPublisher;

/// The name of the broker in logs, metrics and states.
pub const BROKER: &str = "rabbitmq";
