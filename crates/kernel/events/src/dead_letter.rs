use crate::DeadLetter;
use kernel::EventEnvelope;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Batch, Collection, Document, FieldKind, Scoping, Store, StoreError, Stored};
use uuid::Uuid;

/// An event that a consumer could not deal with: a document in the consumer's namespace, in the event's firm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DeadLetterRecord {
    pub(crate) consumer: String,
    pub(crate) event: EventEnvelope,
    pub(crate) reason: String,
    pub(crate) attempts: u32,
}

impl Document for DeadLetterRecord {
    fn collection() -> &'static Collection {
        static DEAD_LETTERS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("dead_letters", Scoping::Tenant)
                .in_every_group()
                .field("consumer", FieldKind::Text)
                .serves(&["consumer"], &["created_at"])
        });
        &DEAD_LETTERS
    }
}

impl DeadLetterRecord {
    /// One event dies at most once for a consumer: after a replay the same document says why it died again.
    pub(crate) fn id(&self) -> Uuid {
        let name = format!(
            "dead letter\u{0}{}\u{0}{}\u{0}{}",
            self.consumer, self.event.producer, self.event.seq
        );
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
    }

    /// Puts the dead letter into `batch`, which is of the event's firm.
    pub(crate) async fn put(self, store: &Store, batch: &mut Batch) -> Result<(), StoreError> {
        match store.get_anywhere::<DeadLetterRecord>(self.id()).await? {
            Some(older) => batch.replace(&older.with(self)),
            None => batch.insert(self.id(), self),
        };
        Ok(())
    }
}

/// A dead letter as callers see it.
pub(crate) fn shown(group: &str, stored: Stored<DeadLetterRecord>) -> DeadLetter {
    DeadLetter {
        id: stored.id.into(),
        group: group.to_owned(),
        at: stored.updated_at,
        consumer: stored.data.consumer,
        reason: stored.data.reason,
        attempts: stored.data.attempts,
        event: stored.data.event,
    }
}
