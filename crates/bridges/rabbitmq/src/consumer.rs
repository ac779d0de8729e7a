use crate::{
    BROKER,
    connection::{Connected, connect},
};
use bridge::{BrokerError, Inbox, Link, Message, Verdict, keep_connected};
use futures::{StreamExt, stream::FuturesUnordered};
use lapin::{
    BasicProperties, Channel, ExchangeKind,
    message::Delivery,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicPublishOptions, BasicQosOptions,
        ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};
use runtime::settings::{BrokerUrl, RabbitMqSettings};

/// Persistent: the broker keeps it over a restart.
const PERSISTENT: u8 = 2;

/// Carries out the commands of the queue until the process stops. A broker that goes away is connected to again.
pub async fn consume(url: BrokerUrl, settings: RabbitMqSettings, inbox: Inbox, link: Link) {
    let (tasks, sources) = (inbox.tasks().clone(), inbox.sources().clone());
    let consumer = Consumer {
        url,
        settings,
        inbox,
        link: link.clone(),
    };
    keep_connected(&link, &sources, &tasks, || consumer.work()).await;
}

struct Consumer {
    url: BrokerUrl,
    settings: RabbitMqSettings,
    inbox: Inbox,
    link: Link,
}

impl Consumer {
    /// Consumes until the connection breaks or the process stops.
    async fn work(&self) -> Result<(), BrokerError> {
        let connected = connect(&self.url, "wealthos commands").await?;
        self.declare(&connected.channel).await?;
        let worked = self.deliver(&connected).await;
        if self.inbox.tasks().is_stopping() {
            connected.close().await;
        }
        worked
    }

    async fn declare(&self, channel: &Channel) -> Result<(), lapin::Error> {
        let settings = &self.settings;
        let none = FieldTable::default;
        let durable_exchange = ExchangeDeclareOptions {
            durable: true,
            ..ExchangeDeclareOptions::default()
        };
        let durable = || QueueDeclareOptions {
            durable: true,
            ..QueueDeclareOptions::default()
        };
        let exchange = settings.exchange.as_str();
        channel
            .exchange_declare(exchange.into(), ExchangeKind::Topic, durable_exchange, none())
            .await?;
        for queue in [&settings.queue, &settings.dead_letters] {
            channel
                .queue_declare(queue.as_str().into(), durable(), none())
                .await?;
        }
        let (queue, key) = (
            settings.queue.as_str().into(),
            settings.routing_key.as_str().into(),
        );
        channel
            .queue_bind(queue, exchange.into(), key, QueueBindOptions::default(), none())
            .await?;
        let prefetch = self.settings.prefetch;
        channel.basic_qos(prefetch, BasicQosOptions::default()).await
    }

    async fn deliver(&self, connected: &Connected) -> Result<(), BrokerError> {
        let channel = &connected.channel;
        let queue = self.settings.queue.as_str().into();
        let mut deliveries = channel
            .basic_consume(
                queue,
                "".into(),
                BasicConsumeOptions::default(),
                FieldTable::default(),
            )
            .await?;
        self.link.up();
        let stopping = self.inbox.tasks().token();
        // As many at once as the broker hands out: `prefetch`.
        let mut working = FuturesUnordered::new();
        loop {
            tokio::select! {
                () = stopping.cancelled() => break,
                Some(done) = working.next(), if !working.is_empty() => done?,
                delivery = deliveries.next() => match delivery {
                    Some(delivery) => working.push(self.settle(channel, delivery?)),
                    None => return Err("the broker ended the subscription".into()),
                },
            }
        }
        while let Some(done) = working.next().await {
            done?;
        }
        Ok(())
    }

    /// Carries out one message and tells the broker what came of it.
    async fn settle(&self, channel: &Channel, delivery: Delivery) -> Result<(), BrokerError> {
        let id = delivery.properties.message_id().as_ref().map(|id| id.as_str());
        let message = Message {
            place: &self.settings.queue,
            id,
            body: &delivery.data,
        };
        match self.inbox.take(message).await {
            Verdict::Done => {}
            Verdict::Dead { reason } => self.bury(channel, &delivery, &reason).await?,
            Verdict::Later => {
                let again = BasicNackOptions {
                    requeue: true,
                    ..BasicNackOptions::default()
                };
                delivery.nack(again).await?;
                return Ok(());
            }
        }
        delivery.ack(BasicAckOptions::default()).await?;
        Ok(())
    }

    /// Puts the message with the dead letters, as it came and with the reason, before it is confirmed.
    async fn bury(&self, channel: &Channel, delivery: &Delivery, reason: &str) -> Result<(), BrokerError> {
        let mut headers = FieldTable::default();
        headers.insert("x-reason".into(), AMQPValue::LongString(reason.into()));
        headers.insert(
            "x-queue".into(),
            AMQPValue::LongString(self.settings.queue.as_str().into()),
        );
        let mut properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_headers(headers);
        if let Some(id) = delivery.properties.message_id() {
            properties = properties.with_message_id(id.clone());
        }
        if let Some(kind) = delivery.properties.content_type() {
            properties = properties.with_content_type(kind.clone());
        }
        let queue = self.settings.dead_letters.as_str().into();
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let confirmation = channel
            .basic_publish("".into(), queue, options, &delivery.data, properties)
            .await?
            .await?;
        match confirmation.is_ack() && confirmation.take_message().is_none() {
            true => Ok(()),
            false => Err(format!("{BROKER} did not take a dead letter").into()),
        }
    }
}
