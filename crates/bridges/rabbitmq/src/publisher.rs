use crate::connection::{Connected, connect};
use async_trait::async_trait;
use bridge::{BrokerError, Link, PublishError, Publisher, envelope};
use kernel::EventEnvelope;
use lapin::{
    BasicProperties, Channel, ExchangeKind,
    options::{BasicPublishOptions, ExchangeDeclareOptions},
    types::FieldTable,
};
use runtime::settings::{BrokerUrl, RabbitMqSettings};
use std::time::Duration;
use tokio::sync::Mutex;

const PERSISTENT: u8 = 2;

/// How long the broker may take to confirm a run of events.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sends events to a topic exchange: the routing key is the event's type, the message id the event's id.
pub struct RabbitMqPublisher {
    url: BrokerUrl,
    settings: RabbitMqSettings,
    link: Link,
    /// Kept as long as it works; made anew after any failure.
    connected: Mutex<Option<Connected>>,
}

impl RabbitMqPublisher {
    /// A publisher that connects with its first event.
    pub fn new(url: BrokerUrl, settings: RabbitMqSettings, link: Link) -> Self {
        Self {
            url,
            settings,
            link,
            connected: Mutex::new(None),
        }
    }

    async fn open(&self) -> Result<Connected, BrokerError> {
        let connected = connect(&self.url, "wealthos events").await?;
        let durable = ExchangeDeclareOptions {
            durable: true,
            ..ExchangeDeclareOptions::default()
        };
        let exchange = self.settings.events_exchange.as_str().into();
        connected
            .channel
            .exchange_declare(exchange, ExchangeKind::Topic, durable, FieldTable::default())
            .await?;
        self.link.up();
        Ok(connected)
    }

    async fn send(&self, channel: &Channel, events: &[&EventEnvelope]) -> Result<(), BrokerError> {
        let mut confirms = Vec::with_capacity(events.len());
        for event in events {
            let properties = BasicProperties::default()
                .with_message_id(event.id.to_string().into())
                .with_type(event.event_type.as_str().into())
                .with_app_id(event.producer.as_str().into())
                .with_content_type("application/json".into())
                .with_timestamp(u64::try_from(event.time.timestamp()).unwrap_or_default())
                .with_delivery_mode(PERSISTENT);
            let exchange = self.settings.events_exchange.as_str().into();
            let key = event.event_type.as_str().into();
            let options = BasicPublishOptions::default();
            confirms.push(
                channel
                    .basic_publish(exchange, key, options, &envelope(event)?, properties)
                    .await?,
            );
        }
        for confirm in confirms {
            if !confirm.await?.is_ack() {
                return Err("the broker refused an event".into());
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Publisher for RabbitMqPublisher {
    async fn publish(&self, events: &[&EventEnvelope]) -> Result<(), PublishError> {
        let mut connected = self.connected.lock().await;
        let sending = async {
            let open = match connected.take() {
                Some(open) => open,
                None => self.open().await?,
            };
            self.send(&open.channel, events).await?;
            *connected = Some(open);
            Ok::<_, BrokerError>(())
        };
        let sent = match tokio::time::timeout(PATIENCE, sending).await {
            Ok(sent) => sent,
            Err(late) => Err(late.into()),
        };
        sent.map_err(|error| {
            self.link.down(&*error);
            PublishError(error)
        })
    }
}
