//! Commands by message brokers that run as real processes: each message with an id is one transaction, whatever is
//! killed meanwhile.

mod kafka;
mod rabbitmq;
mod redis;
mod scene;
