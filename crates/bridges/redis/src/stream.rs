use crate::{
    connection::{BLOCK, connect},
    entry::message_of,
};
use bridge::{BrokerError, Inbox, Link, Message, Verdict, keep_connected};
use futures::{StreamExt, stream::FuturesUnordered};
use redis::{
    AsyncTypedCommands, RedisResult,
    aio::MultiplexedConnection,
    streams::{StreamAutoClaimReply, StreamId, StreamReadReply},
};
use runtime::settings::{BrokerUrl, RedisSettings};
use std::time::Duration;
use tokio::time::Instant;

/// Carries out the commands of the stream until the process stops. A server that goes away is connected to again.
pub async fn consume(url: BrokerUrl, settings: RedisSettings, inbox: Inbox, link: Link) {
    let (tasks, sources) = (inbox.tasks().clone(), inbox.sources().clone());
    let consumer = Consumer {
        name: format!("wealthos-{:032x}", u128::from_be_bytes(sources.random::<16>())),
        url,
        settings,
        inbox,
        link: link.clone(),
    };
    keep_connected(&link, &sources, &tasks, || consumer.work()).await;
}

struct Consumer {
    /// This process, as a member of the consumer group.
    name: String,
    url: BrokerUrl,
    settings: RedisSettings,
    inbox: Inbox,
    link: Link,
}

impl Consumer {
    /// Consumes until the connection breaks or the process stops.
    async fn work(&self) -> Result<(), BrokerError> {
        let mut reading = connect(&self.url).await?;
        let settling = connect(&self.url).await?;
        self.make_group(&mut reading).await?;
        self.link.up();
        // What this process had begun when the connection broke.
        let begun = self.read(&mut reading, "0").await?;
        self.settle_all(&settling, begun).await?;
        let mut look_again = Instant::now();
        let tasks = self.inbox.tasks();
        while !tasks.is_stopping() {
            if Instant::now() >= look_again {
                self.take_over(&mut reading, &settling).await?;
                look_again = Instant::now() + Duration::from_secs(self.settings.claim_after_seconds) / 2;
            }
            let reading_on = self.read(&mut reading, ">");
            let Some(entries) = tasks.token().run_until_cancelled(reading_on).await else {
                break;
            };
            self.settle_all(&settling, entries?).await?;
        }
        self.leave(&settling).await;
        Ok(())
    }

    /// Reads the stream from its very first entry: what was sent before anybody consumed counts too.
    async fn make_group(&self, connection: &mut MultiplexedConnection) -> Result<(), BrokerError> {
        let RedisSettings { stream, group, .. } = &self.settings;
        let made: RedisResult<()> = redis::cmd("XGROUP")
            .arg("CREATE")
            .arg(stream)
            .arg(group)
            .arg("0")
            .arg("MKSTREAM")
            .query_async(connection)
            .await;
        match made {
            Err(error) if error.code() != Some("BUSYGROUP") => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn read(&self, connection: &mut MultiplexedConnection, from: &str) -> RedisResult<Vec<StreamId>> {
        let reply: Option<StreamReadReply> = redis::cmd("XREADGROUP")
            .arg("GROUP")
            .arg(&self.settings.group)
            .arg(&self.name)
            .arg("COUNT")
            .arg(self.settings.prefetch)
            .arg("BLOCK")
            .arg(u64::try_from(BLOCK.as_millis()).unwrap_or(2000))
            .arg("STREAMS")
            .arg(&self.settings.stream)
            .arg(from)
            .query_async(connection)
            .await?;
        let keys = reply.map(|reply| reply.keys).unwrap_or_default();
        Ok(keys.into_iter().flat_map(|key| key.ids).collect())
    }

    /// Takes over what other processes had begun and left.
    async fn take_over(
        &self,
        reading: &mut MultiplexedConnection,
        settling: &MultiplexedConnection,
    ) -> Result<(), BrokerError> {
        let mut from = "0-0".to_owned();
        loop {
            let reply: StreamAutoClaimReply = redis::cmd("XAUTOCLAIM")
                .arg(&self.settings.stream)
                .arg(&self.settings.group)
                .arg(&self.name)
                .arg(self.settings.claim_after_seconds * 1000)
                .arg(&from)
                .arg("COUNT")
                .arg(self.settings.prefetch)
                .query_async(reading)
                .await?;
            self.settle_all(settling, reply.claimed).await?;
            if reply.next_stream_id == "0-0" || self.inbox.tasks().is_stopping() {
                return Ok(());
            }
            from = reply.next_stream_id;
        }
    }

    async fn settle_all(
        &self,
        connection: &MultiplexedConnection,
        entries: Vec<StreamId>,
    ) -> Result<(), BrokerError> {
        let settling = entries.iter().map(|entry| self.settle(connection.clone(), entry));
        let mut settling: FuturesUnordered<_> = settling.collect();
        while let Some(settled) = settling.next().await {
            settled?;
        }
        Ok(())
    }

    /// Carries out one entry; it is acknowledged after its effect is committed.
    async fn settle(
        &self,
        mut connection: MultiplexedConnection,
        entry: &StreamId,
    ) -> Result<(), BrokerError> {
        let RedisSettings {
            stream,
            group,
            dead_letters,
            ..
        } = &self.settings;
        let id = format!("redis/{stream}/{}", entry.id);
        let body = message_of(entry);
        let message = Message {
            place: stream,
            id: Some(&id),
            body: &body,
        };
        match self.inbox.take(message).await {
            Verdict::Later => {}
            Verdict::Done => {
                connection.xack(stream, group, &[&entry.id]).await?;
            }
            Verdict::Dead { reason } => {
                let letter: [(&str, &[u8]); 4] = [
                    ("message", &body),
                    ("reason", reason.as_bytes()),
                    ("stream", stream.as_bytes()),
                    ("entry", entry.id.as_bytes()),
                ];
                let mut both = redis::pipe();
                both.atomic()
                    .xadd(dead_letters, "*", &letter)
                    .xack(stream, group, &[&entry.id]);
                both.exec_async(&mut connection).await?;
            }
        }
        Ok(())
    }

    /// Leaves the consumer group, unless something of this process is still open: then another takes it over.
    async fn leave(&self, connection: &MultiplexedConnection) {
        let mut connection = connection.clone();
        let RedisSettings { stream, group, .. } = &self.settings;
        let open: RedisResult<Vec<redis::Value>> = redis::cmd("XPENDING")
            .arg(stream)
            .arg(group)
            .arg("-")
            .arg("+")
            .arg(1)
            .arg(&self.name)
            .query_async(&mut connection)
            .await;
        if open.is_ok_and(|open| open.is_empty()) {
            let left: RedisResult<u64> = redis::cmd("XGROUP")
                .arg("DELCONSUMER")
                .arg(stream)
                .arg(group)
                .arg(&self.name)
                .query_async(&mut connection)
                .await;
            drop(left);
        }
    }
}
