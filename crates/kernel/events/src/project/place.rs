use fail::fail_point;
use std::time::Duration;
use store::{Batch, ConsumerCursor, Store, StoreError};
use tokio::{sync::watch, time::Instant};

/// How long a change of the group's own data is left to grow before the stored place is looked at again.
const SETTLE: Duration = Duration::from_millis(100);

/// Where a consumer is in a feed: the stored cursor, and how many unwanted events it has passed since.
pub(super) struct Place {
    store: Store,
    cursor: ConsumerCursor,
    position: u64,
    unsaved_since: Option<Instant>,
}

/// What came of a commit that was to move the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// The cursor is where it was to be.
    Here,
    /// Somebody else has moved the cursor: another process, or a replay. Nothing of ours was written.
    ByAnother,
}

impl Place {
    pub(super) async fn load(store: &Store, consumer: &str, feed: &str) -> Result<Self, StoreError> {
        let cursor = store.consumer_cursor(consumer, feed).await?;
        Ok(Self {
            store: store.clone(),
            position: cursor.seq(),
            cursor,
            unsaved_since: None,
        })
    }

    /// The last event that was dealt with or passed.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Reads the stored cursor again and answers whether somebody else has moved it; then that is the place.
    pub(super) async fn reload(&mut self) -> Result<bool, StoreError> {
        let fresh = self
            .store
            .consumer_cursor(self.cursor.consumer(), self.cursor.feed())
            .await?;
        let moved = fresh.seq() != self.cursor.seq();
        if moved {
            self.position = fresh.seq();
            self.unsaved_since = None;
        }
        self.cursor = fresh;
        Ok(moved)
    }

    /// Resolves when somebody else has moved the cursor.
    pub(super) async fn moved_by_another(
        &mut self,
        own: &mut watch::Receiver<u64>,
    ) -> Result<(), StoreError> {
        loop {
            if own.changed().await.is_err() {
                return std::future::pending().await;
            }
            tokio::time::sleep(SETTLE).await;
            own.borrow_and_update();
            if self.reload().await? {
                return Ok(());
            }
        }
    }

    /// Passes an event that is not wanted; saved later.
    pub(super) fn pass(&mut self, seq: u64) {
        self.position = seq;
        self.unsaved_since.get_or_insert_with(Instant::now);
    }

    /// Commits what an event caused together with the move to it.
    pub(super) async fn commit(&mut self, mut batch: Batch, seq: u64) -> Result<Moved, StoreError> {
        let moved = batch.advance(&self.cursor, seq);
        fail_point!("consumer.before_cursor", |_| std::process::abort());
        let committed = self.store.commit(batch).await;
        fail_point!("consumer.after_cursor", |_| std::process::abort());
        match committed {
            Ok(_) => {
                self.cursor = moved;
                self.position = seq;
                self.unsaved_since = None;
                Ok(Moved::Here)
            }
            Err(error) => match self.reload().await {
                Ok(true) => Ok(Moved::ByAnother),
                Ok(false) | Err(_) => Err(error),
            },
        }
    }

    /// When the passed events should be saved, if there are any.
    pub(super) fn save_by(&self, (events, span): (u64, Duration)) -> Option<Instant> {
        let since = self.unsaved_since?;
        match self.position.saturating_sub(self.cursor.seq()) >= events {
            true => Some(since),
            false => Some(since + span),
        }
    }

    /// Whether passed events are not saved yet.
    pub(super) fn is_unsaved(&self) -> bool {
        self.unsaved_since.is_some()
    }
}
