use crate::{
    headers::id_of,
    producer::{TIMEOUT, producer},
};
use bridge::{BrokerError, Inbox, Link, Message, Verdict, keep_connected};
use rdkafka::{
    ClientConfig, Message as _,
    consumer::{CommitMode, Consumer as _, StreamConsumer},
    error::KafkaError,
    message::{BorrowedMessage, Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
    types::RDKafkaErrorCode,
};
use runtime::settings::KafkaSettings;
use std::{sync::Arc, time::Duration};

/// How long the brokers may take to say what they have.
const PATIENCE: Duration = Duration::from_secs(10);

/// Carries out the commands of the topics until the process stops, those of a partition one after the other. Brokers that
/// go away are connected to again.
pub async fn consume(brokers: String, settings: KafkaSettings, inbox: Inbox, link: Link) {
    let (tasks, sources) = (inbox.tasks().clone(), inbox.sources().clone());
    let consumer = Consumer {
        brokers,
        settings,
        inbox,
        link: link.clone(),
    };
    keep_connected(&link, &sources, &tasks, || consumer.work()).await;
}

struct Consumer {
    brokers: String,
    settings: KafkaSettings,
    inbox: Inbox,
    link: Link,
}

impl Consumer {
    /// Consumes until the connection breaks or the process stops.
    async fn work(&self) -> Result<(), BrokerError> {
        let consumer: Arc<StreamConsumer> = Arc::new(self.config().create()?);
        let letters = producer(&self.brokers)?;
        let asking = consumer.clone();
        tokio::task::spawn_blocking(move || asking.fetch_metadata(None, PATIENCE).map(drop)).await??;
        let topics: Vec<&str> = self.settings.topics.iter().map(String::as_str).collect();
        consumer.subscribe(&topics)?;
        self.link.up();
        let tasks = self.inbox.tasks();
        while let Some(next) = tasks.token().run_until_cancelled(consumer.recv()).await {
            let message = match next {
                Ok(message) => message,
                Err(error) if is_missing_topic(&error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a topic of commands does not exist yet"
                    );
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            if self.settle(&letters, &message).await? == Verdict::Later {
                break;
            }
            // From here on the next commit of offsets, once a second, includes it.
            consumer.store_offset_from_message(&message)?;
        }
        let leaving = consumer.clone();
        // Whatever it answers: what was not committed comes again.
        let _ = tokio::task::spawn_blocking(move || leaving.commit_consumer_state(CommitMode::Sync)).await;
        Ok(())
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("group.id", &self.settings.group)
            .set("client.id", "wealthos-commands")
            .set("auto.offset.reset", "earliest")
            .set("enable.auto.commit", "true")
            .set("auto.commit.interval.ms", "1000")
            .set("enable.auto.offset.store", "false")
            .set("session.timeout.ms", "10000")
            .set("allow.auto.create.topics", "true")
            .set("queued.max.messages.kbytes", "8192");
        config
    }

    /// Carries out one message; what cannot be is with the dead letters before it counts as done.
    async fn settle(
        &self,
        letters: &FutureProducer,
        message: &BorrowedMessage<'_>,
    ) -> Result<Verdict, BrokerError> {
        let body = message.payload().unwrap_or_default();
        let id = id_of(message);
        let verdict = self
            .inbox
            .take(Message {
                place: message.topic(),
                id: Some(&id),
                body,
            })
            .await;
        if let Verdict::Dead { reason } = &verdict {
            self.bury(letters, message, &id, reason).await?;
        }
        Ok(verdict)
    }

    /// Puts a message with the dead letters. One that is too large for their topic goes without its body: `origin` says
    /// where that stands, and nothing behind it has to wait.
    async fn bury(
        &self,
        letters: &FutureProducer,
        message: &BorrowedMessage<'_>,
        id: &str,
        reason: &str,
    ) -> Result<(), BrokerError> {
        let origin = format!("{}/{}/{}", message.topic(), message.partition(), message.offset());
        let letter = |body| {
            let mut headers = OwnedHeaders::new();
            for (key, value) in [("reason", reason), ("origin", &origin), ("id", id)] {
                headers = headers.insert(Header {
                    key,
                    value: Some(value.as_bytes()),
                });
            }
            FutureRecord::to(&self.settings.dead_letters)
                .key(message.key().unwrap_or_default())
                .payload(body)
                .headers(headers)
        };
        let body = message.payload().unwrap_or_default();
        match letters.send(letter(body), TIMEOUT).await {
            Ok(_) => Ok(()),
            Err((error, _)) if is_too_large(&error) => {
                letters
                    .send(letter(b""), TIMEOUT)
                    .await
                    .map_err(|(error, _)| error)?;
                Ok(())
            }
            Err((error, _)) => Err(error.into()),
        }
    }
}

fn is_too_large(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge)
}

fn is_missing_topic(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::UnknownTopicOrPartition)
}
