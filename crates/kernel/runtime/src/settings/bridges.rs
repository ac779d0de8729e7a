use super::{Problems, masked_url};
use kernel::TenantId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The address of a message broker. Shown and written with its password masked.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerUrl(String);

impl BrokerUrl {
    /// An address as it was written.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address with its password.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn has_scheme(&self, schemes: &[&str]) -> bool {
        let parts = self.0.split_once("://");
        parts.is_some_and(|(scheme, rest)| schemes.contains(&scheme) && !rest.is_empty())
    }
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked_url(&self.0))
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BrokerUrl({self})")
    }
}

impl Serialize for BrokerUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BrokerUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// Message brokers: commands that come in by them, and events that go out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BridgeSettings {
    /// The firm to which commands of brokers belong; unset is the default firm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firm: Option<TenantId>,
    /// The port on which `wealthctl consume` answers `/metrics`, `/ready` and `/health`, and nothing else; unset is none, 0
    /// takes a free one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_port: Option<u16>,
    /// RabbitMQ.
    pub rabbitmq: RabbitMqSettings,
    /// Redis.
    pub redis: RedisSettings,
    /// Kafka.
    pub kafka: KafkaSettings,
}

/// RabbitMQ: exchange, routing key and queue of source 004.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RabbitMqSettings {
    /// The broker: `amqp://user:password@host:5672/%2f`, or `amqps://`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<BrokerUrl>,
    /// Whether a server carries out the commands that come; `wealthctl consume rabbitmq` does in any case.
    pub consume: bool,
    /// Whether a server sends the events of its groups.
    pub publish: bool,
    /// The most messages that are worked on at once.
    pub prefetch: u16,
    /// The exchange to which commands are published; made when it is missing, durable, of the kind `topic`.
    pub exchange: String,
    /// Under which routing key.
    pub routing_key: String,
    /// The queue that is consumed; made when it is missing, durable.
    pub queue: String,
    /// The queue of messages that cannot be carried out, each with the header `x-reason`.
    pub dead_letters: String,
    /// The exchange to which events go, of the kind `topic`; the routing key is the event's type.
    pub events_exchange: String,
}

impl Default for RabbitMqSettings {
    fn default() -> Self {
        Self {
            url: None,
            consume: false,
            publish: false,
            prefetch: 16,
            exchange: "financial.transaction".to_owned(),
            routing_key: "financial.transaction".to_owned(),
            queue: "financial_commands".to_owned(),
            dead_letters: "financial_commands.dead".to_owned(),
            events_exchange: "wealthos.events".to_owned(),
        }
    }
}

/// Redis: Streams for what must not be lost, and the Pub/Sub channel of source 004.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisSettings {
    /// The server: `redis://:password@host:6379/0`, or `rediss://`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<BrokerUrl>,
    /// Whether a server carries out the commands that come; `wealthctl consume redis` does in any case.
    pub consume: bool,
    /// Whether a server sends the events of its groups.
    pub publish: bool,
    /// The most messages that are read at once.
    pub prefetch: u16,
    /// The stream of commands: each entry has a field `message` with the JSON, or the fields `command` and `params`.
    pub stream: String,
    /// The consumer group on it.
    pub group: String,
    /// After how long without a word another process takes over what one had begun.
    pub claim_after_seconds: u64,
    /// The stream of entries that cannot be carried out, each with the field `reason`.
    pub dead_letters: String,
    /// The Pub/Sub channel of commands: what is sent while nobody listens is lost. Empty listens to none.
    pub channel: String,
    /// The stream to which events go.
    pub events_stream: String,
    /// About how many events the stream keeps.
    pub events_kept: u64,
}

impl Default for RedisSettings {
    fn default() -> Self {
        Self {
            url: None,
            consume: false,
            publish: false,
            prefetch: 16,
            stream: "financial_commands".to_owned(),
            group: "wealthos".to_owned(),
            claim_after_seconds: 30,
            dead_letters: "financial_commands.dead".to_owned(),
            channel: "financial_commands".to_owned(),
            events_stream: "wealthos.events".to_owned(),
            events_kept: 100_000,
        }
    }
}

/// Kafka: the topics of source 004.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KafkaSettings {
    /// The brokers, as in `localhost:9092`, separated by commas; without TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brokers: Option<String>,
    /// Whether a server carries out the commands that come; `wealthctl consume kafka` does in any case.
    pub consume: bool,
    /// Whether a server sends the events of its groups.
    pub publish: bool,
    /// The topics of commands.
    pub topics: Vec<String>,
    /// The consumer group.
    pub group: String,
    /// The topic of messages that cannot be carried out, each with the header `reason`.
    pub dead_letters: String,
    /// The topic to which events go.
    pub events_topic: String,
}

impl Default for KafkaSettings {
    fn default() -> Self {
        Self {
            brokers: None,
            consume: false,
            publish: false,
            topics: ["financial-events", "transactions", "inventory"]
                .map(str::to_owned)
                .to_vec(),
            group: "wealthos".to_owned(),
            dead_letters: "financial-commands-dead".to_owned(),
            events_topic: "wealthos-events".to_owned(),
        }
    }
}

impl BridgeSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        self.rabbitmq.validate(problems);
        self.redis.validate(problems);
        self.kafka.validate(problems);
    }
}

impl RabbitMqSettings {
    fn validate(&self, problems: &mut Problems) {
        let fine = self
            .url
            .as_ref()
            .is_none_or(|url| url.has_scheme(&["amqp", "amqps"]));
        problems.require(
            fine,
            "bridges.rabbitmq.url",
            "must begin with amqp:// or amqps://",
        );
        needs(
            problems,
            "bridges.rabbitmq.url",
            self.url.is_some(),
            self.consume || self.publish,
        );
        named(
            problems,
            "bridges.rabbitmq",
            &[
                ("exchange", &self.exchange),
                ("routing_key", &self.routing_key),
                ("queue", &self.queue),
                ("dead_letters", &self.dead_letters),
                ("events_exchange", &self.events_exchange),
            ],
        );
        problems.require(
            self.prefetch > 0,
            "bridges.rabbitmq.prefetch",
            "must be 1 to 65535",
        );
        apart(
            problems,
            "bridges.rabbitmq.dead_letters",
            &self.queue,
            &self.dead_letters,
        );
    }
}

impl RedisSettings {
    fn validate(&self, problems: &mut Problems) {
        let fine = self
            .url
            .as_ref()
            .is_none_or(|url| url.has_scheme(&["redis", "rediss", "unix", "redis+unix"]));
        problems.require(fine, "bridges.redis.url", "must begin with redis:// or rediss://");
        needs(
            problems,
            "bridges.redis.url",
            self.url.is_some(),
            self.consume || self.publish,
        );
        named(
            problems,
            "bridges.redis",
            &[
                ("stream", &self.stream),
                ("group", &self.group),
                ("dead_letters", &self.dead_letters),
                ("events_stream", &self.events_stream),
            ],
        );
        problems.require(self.prefetch > 0, "bridges.redis.prefetch", "must be 1 to 65535");
        problems.require(
            (1..=86_400).contains(&self.claim_after_seconds),
            "bridges.redis.claim_after_seconds",
            "must be 1 to 86400",
        );
        problems.require(
            self.events_kept > 0,
            "bridges.redis.events_kept",
            "must be more than 0",
        );
        apart(
            problems,
            "bridges.redis.dead_letters",
            &self.stream,
            &self.dead_letters,
        );
        apart(
            problems,
            "bridges.redis.events_stream",
            &self.stream,
            &self.events_stream,
        );
    }
}

impl KafkaSettings {
    fn validate(&self, problems: &mut Problems) {
        let brokers = self.brokers.as_ref();
        let fine = brokers.is_none_or(|list| list.split(',').all(|broker| broker.trim().contains(':')));
        problems.require(
            fine,
            "bridges.kafka.brokers",
            "must be addresses such as localhost:9092",
        );
        needs(
            problems,
            "bridges.kafka.brokers",
            brokers.is_some(),
            self.consume || self.publish,
        );
        let topics = self.topics.iter().map(|topic| ("topics", topic));
        let others = [
            ("group", &self.group),
            ("dead_letters", &self.dead_letters),
            ("events_topic", &self.events_topic),
        ];
        named(
            problems,
            "bridges.kafka",
            &topics.chain(others).collect::<Vec<_>>(),
        );
        problems.require(
            !self.topics.is_empty(),
            "bridges.kafka.topics",
            "must name a topic",
        );
        for topic in &self.topics {
            apart(problems, "bridges.kafka.dead_letters", topic, &self.dead_letters);
            apart(problems, "bridges.kafka.events_topic", topic, &self.events_topic);
        }
    }
}

fn needs(problems: &mut Problems, place: &str, given: bool, needed: bool) {
    problems.require(given || !needed, place, "is needed to consume or publish");
}

fn named(problems: &mut Problems, section: &str, names: &[(&str, &String)]) {
    for (field, name) in names {
        let fine = (1..=200).contains(&name.len()) && name.chars().all(|letter| letter.is_ascii_graphic());
        problems.require(
            fine,
            &format!("{section}.{field}"),
            "must be 1 to 200 printable ASCII characters without spaces",
        );
    }
}

/// What goes out must not come in again.
fn apart(problems: &mut Problems, place: &str, coming: &str, going: &str) {
    problems.require(coming != going, place, "must not be where commands come in");
}
