use super::{Broker, within};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions},
};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// How long a broker may take to let somebody in. The client waits for ever when a broker that is just starting closes
/// the connection at a bad moment.
const ONE_ATTEMPT: Duration = Duration::from_secs(10);

pub(crate) fn url(broker: &Broker) -> String {
    format!("amqp://guest:guest@127.0.0.1:{}/%2f", broker.port)
}

/// A connection and a channel on which the broker confirms what it has on its disk.
pub(crate) async fn connected(broker: &Broker) -> (Connection, Channel) {
    within("RabbitMQ lets us in", async || {
        timeout(ONE_ATTEMPT, open(broker)).await.ok()?.ok()
    })
    .await
}

async fn open(broker: &Broker) -> lapin::Result<(Connection, Channel)> {
    let connection = Connection::connect(&url(broker), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok((connection, channel))
}

/// Publishes as source 004 does; answers whether the broker has put the message into a queue on its disk.
pub(crate) async fn publish(channel: &Channel, id: Option<&str>, body: &[u8]) -> lapin::Result<bool> {
    let mut properties = BasicProperties::default().with_delivery_mode(2);
    if let Some(id) = id {
        properties = properties.with_message_id(id.into());
    }
    let (exchange, key) = ("financial.transaction", "financial.transaction");
    let mandatory = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let confirmation = channel
        .basic_publish(exchange.into(), key.into(), mandatory, body, properties)
        .await?
        .await?;
    Ok(confirmation.is_ack() && confirmation.take_message().is_none())
}

pub(crate) async fn sent(channel: &Channel, id: Option<&str>, message: &Value) {
    let text = message.to_string();
    assert!(publish(channel, id, text.as_bytes()).await.unwrap());
}

/// The next message of a queue, if there is one.
pub(crate) async fn take(channel: &Channel, queue: &str) -> Option<lapin::message::Delivery> {
    let taken = BasicGetOptions { no_ack: true };
    let message = channel.basic_get(queue.into(), taken).await.unwrap()?;
    Some(message.delivery)
}
