use crate::{BridgeMetrics, CommandHandler, Message, message::key_of};
use events::{Backoff, Failure};
use kernel::{Command, Fault, IdempotencyKey, Sources, Tasks};
use std::{sync::Arc, time::Duration};

/// The most bytes of a message: what a body may have that brings a command over HTTP.
const LARGEST: usize = 1024 * 1024;
/// The most letters of a reason: it travels in a header, which brokers bound.
const LONGEST_REASON: usize = 2000;

/// What is to become of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Its effect is committed: confirm it.
    Done,
    /// It can never be carried out: put it with the dead letters, with this reason, and confirm it.
    Dead {
        /// Why, for people.
        reason: String,
    },
    /// The process stops: leave it with the broker, which brings it again.
    Later,
}

/// Takes messages of one broker and carries out the commands in them. Cheap to clone.
#[derive(Clone)]
pub struct Inbox {
    broker: &'static str,
    handler: Arc<dyn CommandHandler>,
    sources: Sources,
    tasks: Tasks,
    metrics: BridgeMetrics,
}

impl Inbox {
    /// An inbox for messages of this broker.
    pub fn new(
        broker: &'static str,
        handler: Arc<dyn CommandHandler>,
        sources: Sources,
        tasks: Tasks,
        metrics: BridgeMetrics,
    ) -> Self {
        Self {
            broker,
            handler,
            sources,
            tasks,
            metrics,
        }
    }

    /// The process's tasks: what consumes ends when they do.
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Time and randomness.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Carries out the command in a message. Waits as long as something that it needs is away: the broker keeps the
    /// message meanwhile, and what comes after it where it keeps an order.
    pub async fn take(&self, message: Message<'_>) -> Verdict {
        let verdict = match read(message.body) {
            Ok(command) => self.carry_out(message, command).await,
            Err(reason) => Verdict::Dead { reason },
        };
        let verdict = match verdict {
            Verdict::Dead { reason } => Verdict::Dead {
                reason: reason.chars().take(LONGEST_REASON).collect(),
            },
            other => other,
        };
        match &verdict {
            Verdict::Done => self.metrics.taken(self.broker, message.place, "done"),
            Verdict::Later => self.metrics.taken(self.broker, message.place, "later"),
            Verdict::Dead { reason } => {
                self.metrics.taken(self.broker, message.place, "dead");
                tracing::warn!(
                    broker = self.broker,
                    place = message.place,
                    reason,
                    "a message cannot be carried out and becomes a dead letter"
                );
            }
        }
        verdict
    }

    /// The command's own id comes first: whoever sends a message anew may have to give it another name.
    fn key(&self, message: Message<'_>, command: &Command) -> IdempotencyKey {
        let named = command.id.clone().or_else(|| message.id.and_then(key_of));
        named.unwrap_or_else(|| {
            self.metrics.without_id(self.broker, message.place);
            tracing::warn!(
                broker = self.broker,
                place = message.place,
                "a message without an id: it takes effect at least once, and twice when it comes twice"
            );
            IdempotencyKey::fresh(self.sources.ids())
        })
    }

    async fn carry_out(&self, message: Message<'_>, command: Command) -> Verdict {
        let key = self.key(message, &command);
        let mut backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(10));
        loop {
            if self.tasks.is_stopping() {
                return Verdict::Later;
            }
            let failure = match self.handler.handle(key.clone(), command.clone()).await {
                Ok(()) => return Verdict::Done,
                Err(failure) => failure,
            };
            if let Failure::Permanent { reason, .. } = failure {
                return Verdict::Dead { reason };
            }
            self.metrics.taken(self.broker, message.place, "retried");
            tracing::warn!(
                broker = self.broker,
                place = message.place,
                error = &failure as &dyn std::error::Error,
                "a message cannot be carried out at the moment and will be tried again"
            );
            let wait = backoff.next(&self.sources);
            let stopping = self.tasks.token();
            if stopping
                .run_until_cancelled(tokio::time::sleep(wait))
                .await
                .is_none()
            {
                return Verdict::Later;
            }
        }
    }
}

/// The command in a message, or why there is none.
fn read(body: &[u8]) -> Result<Command, String> {
    if body.len() > LARGEST {
        return Err(format!(
            "message: has {} bytes: it may have at most {LARGEST}",
            body.len()
        ));
    }
    Command::parse(body).map_err(|error| reason_of(&error))
}

/// What was wrong, field by field where that is known: for dead letters.
pub fn reason_of(fault: &dyn Fault) -> String {
    let details = fault.details();
    if details.is_empty() {
        return fault.to_string();
    }
    let fields: Vec<String> = details
        .iter()
        .map(|detail| format!("{}: {}", detail.field, detail.message))
        .collect();
    fields.join("; ")
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, read};

    #[test]
    fn what_is_no_command_is_refused_before_it_is_carried_out() {
        let long = format!(r#"{{"command":"{}"}}"#, "x".repeat(LARGEST));
        assert!(read(long.as_bytes()).unwrap_err().contains("at most 1048576"));
        for body in [
            &b"\x1f\x8b\x08\x00"[..],
            b"\xff\xfe{\x00",
            b"{\"command\":\"caf\xe9\"}",
            b"\0",
            b"",
        ] {
            assert_eq!(read(body).unwrap_err(), "message: is not JSON");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(deep.as_bytes()).unwrap_err(), "message: is not JSON");
        assert!(read(br#"{"command":"create_transaction"}"#).is_ok());
    }
}
