//! The bridges to message brokers: which of them run in this process, and what they carry commands out with.

use crate::{Platform, PlatformError};
use bridge::{BridgeMetrics, CommandHandler, Inbox, Link, Links, Publisher, reason_of};
use events::{Backoff, Failure, Projection};
use finance_contract::CommandsClient;
use kernel::{CallContext, Command, ErrorKind, Fault, IdempotencyKey, Sources, TenantId};
use runtime::settings::BridgeSettings;
use std::{sync::Arc, time::Duration};

/// A message broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Broker {
    /// RabbitMQ: a queue.
    #[value(name = "rabbitmq")]
    RabbitMq,
    /// Redis: a stream, and a channel.
    Redis,
    /// Kafka: topics.
    Kafka,
}

impl Broker {
    /// Every broker that there is a bridge to.
    pub const ALL: [Self; 3] = [Self::RabbitMq, Self::Redis, Self::Kafka];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Broker::RabbitMq => "rabbitmq",
            Broker::Redis => "redis",
            Broker::Kafka => "kafka",
        }
    }

    /// The setting that says where it is.
    fn address_setting(self) -> &'static str {
        match self {
            Broker::RabbitMq => "bridges.rabbitmq.url (RABBITMQ_URL)",
            Broker::Redis => "bridges.redis.url (REDIS_URL)",
            Broker::Kafka => "bridges.kafka.brokers (KAFKA_BROKERS)",
        }
    }

    /// Whether commands are taken from it here, and events handed to it.
    fn wanted(self, settings: &BridgeSettings) -> (bool, bool) {
        match self {
            Broker::RabbitMq => (settings.rabbitmq.consume, settings.rabbitmq.publish),
            Broker::Redis => (settings.redis.consume, settings.redis.publish),
            Broker::Kafka => (settings.kafka.consume, settings.kafka.publish),
        }
    }
}

/// How often something may go wrong inside with one command before its message becomes a dead letter.
const FAULTS: u32 = 6;

/// The group that carries commands out.
const COMMANDS: &str = finance_contract::INFO.name;

/// What the bridges of a process share.
pub(crate) struct Bridges {
    pub(crate) links: Links,
    pub(crate) metrics: BridgeMetrics,
}

/// Carries commands out in the name of the platform: nobody has logged in to a broker. Whose money it is stands in the
/// parameters; otherwise it is the service account's.
struct PlatformCommands {
    commands: CommandsClient,
    sources: Sources,
    firm: TenantId,
}

#[rpc::async_trait]
impl CommandHandler for PlatformCommands {
    async fn handle(&self, key: IdempotencyKey, command: Command) -> Result<(), Failure> {
        let mut backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(2));
        let mut left = FAULTS;
        loop {
            let cx = CallContext::system("system", self.firm, self.sources.ids());
            let Err(error) = self.commands.run(&cx, key.clone(), command.clone()).await else {
                return Ok(());
            };
            left -= 1;
            match error.kind() {
                // Waiting mends these: somebody is away, or does not believe this process yet.
                ErrorKind::Unavailable
                | ErrorKind::Timeout
                | ErrorKind::TooManyRequests
                | ErrorKind::FailedDependency
                | ErrorKind::Unauthenticated => return Err(Failure::transient(error.to_string())),
                // Ours and not the message's: a race that was lost too often is won another time. What is still
                // wrong then would stop everything behind it.
                ErrorKind::Internal if left > 0 => tokio::time::sleep(backoff.next(&self.sources)).await,
                _ => return Err(Failure::permanent(reason_of(&error))),
            }
        }
    }
}

impl Platform {
    /// Starts the bridges that the settings ask for. Commands are taken where the group is that knows them: processes
    /// beside it may share its settings.
    pub(crate) fn start_bridges(&self) -> Result<(), PlatformError> {
        let knows_commands = self.groups.iter().any(|group| group.info.name == COMMANDS);
        for broker in Broker::ALL {
            let (consume, publish) = broker.wanted(&self.kit.settings.bridges);
            if consume && knows_commands {
                self.consume(broker)?;
            }
            if publish {
                self.publish(broker)?;
            }
        }
        Ok(())
    }

    /// Carries out the commands that come by this broker, until the process stops.
    pub fn consume(&self, broker: Broker) -> Result<(), PlatformError> {
        let inbox = self.inbox(broker.name());
        let settings = &self.kit.settings.bridges;
        match broker {
            #[cfg(feature = "rabbitmq")]
            Broker::RabbitMq => {
                let settings = settings.rabbitmq.clone();
                let url = settings.url.clone().ok_or_else(|| nowhere(broker))?;
                let link = self.link(bridge_rabbitmq::BROKER, "in");
                self.spawn(bridge_rabbitmq::consume(url, settings, inbox, link));
                Ok(())
            }
            #[cfg(feature = "redis")]
            Broker::Redis => {
                let settings = settings.redis.clone();
                let url = settings.url.clone().ok_or_else(|| nowhere(broker))?;
                if !settings.channel.is_empty() {
                    let link = self.link(bridge_redis::BROKER, "channel");
                    let channel = settings.channel.clone();
                    self.spawn(bridge_redis::listen(url.clone(), channel, inbox.clone(), link));
                }
                let link = self.link(bridge_redis::BROKER, "in");
                self.spawn(bridge_redis::consume(url, settings, inbox, link));
                Ok(())
            }
            #[cfg(feature = "kafka")]
            Broker::Kafka => {
                let settings = settings.kafka.clone();
                let brokers = settings.brokers.clone().ok_or_else(|| nowhere(broker))?;
                let link = self.link(bridge_kafka::BROKER, "in");
                self.spawn(bridge_kafka::consume(brokers, settings, inbox, link));
                Ok(())
            }
            #[allow(unreachable_patterns, reason = "a program may link in every bridge")]
            other => {
                drop((inbox, settings));
                Err(absent(other))
            }
        }
    }

    /// Hands the events of the groups of this process to this broker, until the process stops.
    #[allow(
        unreachable_code,
        unused_variables,
        reason = "a program may link in no bridge"
    )]
    pub fn publish(&self, broker: Broker) -> Result<(), PlatformError> {
        let settings = &self.kit.settings.bridges;
        let (name, publisher): (&'static str, Arc<dyn Publisher>) = match broker {
            #[cfg(feature = "rabbitmq")]
            Broker::RabbitMq => {
                let settings = settings.rabbitmq.clone();
                let url = settings.url.clone().ok_or_else(|| nowhere(broker))?;
                let link = self.link(bridge_rabbitmq::BROKER, "out");
                let publisher = bridge_rabbitmq::RabbitMqPublisher::new(url, settings, link);
                ("bridge.rabbitmq", Arc::new(publisher))
            }
            #[cfg(feature = "redis")]
            Broker::Redis => {
                let settings = settings.redis.clone();
                let url = settings.url.clone().ok_or_else(|| nowhere(broker))?;
                let link = self.link(bridge_redis::BROKER, "out");
                let publisher = bridge_redis::RedisPublisher::new(url, settings, link);
                ("bridge.redis", Arc::new(publisher))
            }
            #[cfg(feature = "kafka")]
            Broker::Kafka => {
                let settings = &settings.kafka;
                let brokers = settings.brokers.clone().ok_or_else(|| nowhere(broker))?;
                let link = self.link(bridge_kafka::BROKER, "out");
                let publisher = bridge_kafka::KafkaPublisher::new(&brokers, settings, link);
                let publisher = publisher.map_err(|error| PlatformError::Command(error.to_string()))?;
                ("bridge.kafka", Arc::new(publisher))
            }
            #[allow(unreachable_patterns, reason = "a program may link in every bridge")]
            other => {
                let _ = settings;
                return Err(absent(other));
            }
        };
        for group in &self.groups {
            let outbox = bridge::Outbox::new(
                name,
                broker.name(),
                group.store.clone(),
                publisher.clone(),
                self.kit.bridges.metrics.clone(),
            );
            let outbox: Arc<dyn Projection> = Arc::new(outbox);
            let feed = self.kit.handles.feed(group.info.name).cloned();
            group.projector.run(outbox, feed);
        }
        Ok(())
    }

    fn inbox(&self, broker: &'static str) -> Inbox {
        let kit = &self.kit;
        let commands = PlatformCommands {
            commands: kit.handles.commands.clone(),
            sources: kit.sources.clone(),
            firm: kit.settings.bridges.firm.unwrap_or(TenantId::DEFAULT),
        };
        Inbox::new(
            broker,
            Arc::new(commands),
            kit.sources.clone(),
            kit.tasks.clone(),
            kit.bridges.metrics.clone(),
        )
    }

    #[allow(dead_code, reason = "a program may link in no bridge")]
    fn link(&self, broker: &'static str, way: &'static str) -> Link {
        Link::new(broker, way, &self.kit.bridges.links, &self.kit.bridges.metrics)
    }

    #[allow(dead_code, reason = "a program may link in no bridge")]
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        // For addresses with TLS.
        runtime::http::install_crypto();
        drop(self.kit.tasks.spawn(work));
    }
}

#[allow(dead_code, reason = "a program may link in no bridge")]
fn nowhere(broker: Broker) -> PlatformError {
    let (name, setting) = (broker.name(), broker.address_setting());
    PlatformError::Command(format!("nobody said where {name} is: set {setting}"))
}

fn absent(broker: Broker) -> PlatformError {
    let name = broker.name();
    PlatformError::Command(format!(
        "this program was built without the bridge to {name}: build it with --features {name}"
    ))
}
