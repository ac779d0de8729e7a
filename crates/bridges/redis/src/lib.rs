//! Between Redis and the platform. Commands come in by a stream with a consumer group, which loses nothing, and by the
//! Pub/Sub channel of source 004, which loses what is sent while nobody listens; events go out to a stream. What is
//! promised stands in [`bridge`].

mod channel;
mod connection;
mod entry;
mod publisher;
mod stream;

pub use channel::listen;
pub use publisher::RedisPublisher;
pub use stream::consume;

/// The name of the broker in logs, metrics and states.
pub const BROKER: &str = "redis";
