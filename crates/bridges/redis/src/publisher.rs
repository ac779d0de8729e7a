use crate::connection::connect;
use async_trait::async_trait;
use bridge::{BrokerError, Link, PublishError, Publisher, envelope};
use kernel::EventEnvelope;
use redis::aio::MultiplexedConnection;
use runtime::settings::{BrokerUrl, RedisSettings};
use tokio::sync::Mutex;

/// Sends events to a stream: the fields `id`, `type`, `producer`, `seq` and `event`, which is the whole event as JSON.
pub struct RedisPublisher {
    url: BrokerUrl,
    settings: RedisSettings,
    link: Link,
    /// Kept as long as it works; made anew after any failure.
    connected: Mutex<Option<MultiplexedConnection>>,
}

impl RedisPublisher {
    /// A publisher that connects with its first event.
    pub fn new(url: BrokerUrl, settings: RedisSettings, link: Link) -> Self {
        Self {
            url,
            settings,
            link,
            connected: Mutex::new(None),
        }
    }

    async fn open(&self) -> Result<MultiplexedConnection, BrokerError> {
        let connection = connect(&self.url).await?;
        self.link.up();
        Ok(connection)
    }

    async fn send(
        &self,
        connection: &mut MultiplexedConnection,
        events: &[&EventEnvelope],
    ) -> Result<(), BrokerError> {
        let mut all = redis::pipe();
        for event in events {
            all.cmd("XADD")
                .arg(&self.settings.events_stream)
                .arg("MAXLEN")
                .arg("~")
                .arg(self.settings.events_kept)
                .arg("*")
                .arg("id")
                .arg(event.id.to_string())
                .arg("type")
                .arg(&event.event_type)
                .arg("producer")
                .arg(&event.producer)
                .arg("seq")
                .arg(event.seq)
                .arg("event")
                .arg(envelope(event)?)
                .ignore();
        }
        Ok(all.exec_async(connection).await?)
    }
}

#[async_trait]
impl Publisher for RedisPublisher {
    async fn publish(&self, events: &[&EventEnvelope]) -> Result<(), PublishError> {
        let mut connected = self.connected.lock().await;
        let sending = async {
            let mut open = match connected.take() {
                Some(open) => open,
                None => self.open().await?,
            };
            self.send(&mut open, events).await?;
            *connected = Some(open);
            Ok::<_, BrokerError>(())
        };
        sending.await.map_err(|error| {
            self.link.down(&*error);
            PublishError(error)
        })
    }
}
