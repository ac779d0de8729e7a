use crate::{BROKER, connection::client};
use bridge::{BrokerError, Inbox, Link, Message, Verdict, keep_connected};
use futures::StreamExt;
use runtime::settings::BrokerUrl;

/// Carries out the commands of a Pub/Sub channel until the process stops. Redis keeps nothing of a channel: what is sent
/// while nobody listens is lost, and every process that listens gets each message, so that only a message with an `id`
/// has one effect.
pub async fn listen(url: BrokerUrl, channel: String, inbox: Inbox, link: Link) {
    tracing::warn!(
        channel,
        "commands by Redis Pub/Sub are carried out at most once, and lost while nobody listens: send money by the stream"
    );
    let (tasks, sources) = (inbox.tasks().clone(), inbox.sources().clone());
    let listener = Listener {
        url,
        channel,
        inbox,
        link: link.clone(),
    };
    keep_connected(&link, &sources, &tasks, || listener.work()).await;
}

struct Listener {
    url: BrokerUrl,
    channel: String,
    inbox: Inbox,
    link: Link,
}

impl Listener {
    async fn work(&self) -> Result<(), BrokerError> {
        let mut pubsub = client(&self.url)?.get_async_pubsub().await?;
        pubsub.subscribe(&self.channel).await?;
        self.link.up();
        let mut messages = pubsub.into_on_message();
        let stopping = self.inbox.tasks().token();
        loop {
            let Some(next) = stopping.run_until_cancelled(messages.next()).await else {
                return Ok(());
            };
            let Some(message) = next else {
                return Err("the server ended the subscription".into());
            };
            let message = Message {
                place: &self.channel,
                id: None,
                body: message.get_payload_bytes(),
            };
            if self.inbox.take(message).await == Verdict::Later {
                tracing::warn!(
                    broker = BROKER,
                    channel = self.channel,
                    "a message of a channel was not carried out before the process stopped, and is lost"
                );
            }
        }
    }
}
