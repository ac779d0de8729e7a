use super::{Outcome, Reply, Request};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use std::time::Duration;

/// How long a sender waits for the broker before it takes its message for lost.
const PATIENCE: Duration = Duration::from_secs(5);
/// The broker keeps it over a restart.
const PERSISTENT: u8 = 2;
/// Where the commands of source 004 go.
const EXCHANGE: &str = "financial.transaction";
/// As if the broker had answered over HTTP: it has the message, and nobody has carried it out yet.
const TAKEN: u16 = 202;

/// The way to the platform through RabbitMQ, as one client uses it: what the broker has confirmed is acknowledged.
pub(crate) struct Messages {
    url: String,
    open: Option<(Connection, Channel)>,
}

impl Messages {
    pub(crate) fn through(url: String) -> Self {
        Self { url, open: None }
    }

    /// Sends a command once; the request's key is the name of the message.
    pub(crate) async fn send(&mut self, request: &Request) -> Outcome {
        let sent = tokio::time::timeout(PATIENCE, self.publish(request)).await;
        let trouble = match sent {
            Ok(Ok(true)) => {
                return Outcome::Answered(Reply {
                    status: TAKEN,
                    text: String::new(),
                    next: None,
                    etag: None,
                });
            }
            Ok(Ok(false)) => "the broker has not taken it".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(late) => late.to_string(),
        };
        self.open = None;
        Outcome::Unknown(trouble)
    }

    async fn publish(&mut self, request: &Request) -> lapin::Result<bool> {
        let (_, channel) = match self.open.take() {
            Some(open) => self.open.insert(open),
            None => self.open.insert(connect(&self.url).await?),
        };
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_message_id(request.key.as_str().into());
        let mandatory = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let (_, body) = request.body();
        let confirmation = channel
            .basic_publish(
                EXCHANGE.into(),
                EXCHANGE.into(),
                mandatory,
                body.as_bytes(),
                properties,
            )
            .await?
            .await?;
        Ok(confirmation.is_ack() && confirmation.take_message().is_none())
    }
}

async fn connect(url: &str) -> lapin::Result<(Connection, Channel)> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok((connection, channel))
}
