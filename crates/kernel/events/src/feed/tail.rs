use kernel::EventEnvelope;
use std::{collections::VecDeque, sync::Arc};
use store::{Store, StoreError};
use tokio::sync::Mutex;

/// How many events are kept for those who come next.
const KEPT: usize = 512;

/// Events that follow each other in a feed.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    pub(super) events: Vec<Arc<EventEnvelope>>,
    /// Whether nothing stood behind them when they were read.
    pub(super) is_last: bool,
}

impl Stretch {
    /// Reads events after `after` from the store.
    pub(super) async fn read(store: &Store, after: u64, limit: u32) -> Result<Self, StoreError> {
        let events = store.feed(after, limit).await?;
        Ok(Self {
            is_last: events.len() < limit as usize,
            events: events.into_iter().map(Arc::new).collect(),
        })
    }
}

/// The last events of a feed that somebody in this process asked for. Its consumers are at about the same place: whoever
/// comes first reads what is new, and the others have it from here. What stands in a feed never changes.
#[derive(Debug, Default)]
pub(super) struct Tail {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The place before the first event.
    from: u64,
    events: VecDeque<Arc<EventEnvelope>>,
    /// The state of the feed's changes when nothing stood behind the last event.
    complete_at: Option<u64>,
}

impl Tail {
    /// Up to `limit` events after `after`. `changes` is what the store's changes of the feed were before: while they
    /// are the same, nothing is read that was read.
    pub(super) async fn after(
        &self,
        store: &Store,
        after: u64,
        limit: u32,
        changes: u64,
    ) -> Result<Stretch, StoreError> {
        let mut kept = self.kept.lock().await;
        if after < kept.from {
            // Far behind the others: they need not wait meanwhile.
            drop(kept);
            return Stretch::read(store, after, limit).await;
        }
        if after > kept.end() {
            let ahead = Stretch::read(store, after, limit).await?;
            if !ahead.events.is_empty() {
                *kept = Kept {
                    from: after,
                    events: ahead.events.iter().cloned().collect(),
                    complete_at: ahead.is_last.then_some(changes),
                };
            }
            return Ok(ahead);
        }
        if kept.complete_at != Some(changes) {
            let more = Stretch::read(store, kept.end(), limit).await?;
            kept.complete_at = more.is_last.then_some(changes);
            kept.events.extend(more.events);
        }
        let stretch = kept.after(after, limit as usize);
        kept.shorten();
        Ok(stretch)
    }

    /// Lets whoever asks next look behind the last event, whether a change was told or not.
    pub(super) async fn doubt(&self) {
        self.kept.lock().await.complete_at = None;
    }
}

impl Kept {
    fn end(&self) -> u64 {
        self.events.back().map_or(self.from, |event| event.seq)
    }

    fn after(&self, after: u64, limit: usize) -> Stretch {
        let first = self.events.partition_point(|event| event.seq <= after);
        let events: Vec<_> = self.events.range(first..).take(limit).cloned().collect();
        Stretch {
            is_last: self.complete_at.is_some() && first + events.len() == self.events.len(),
            events,
        }
    }

    fn shorten(&mut self) {
        let excess = self.events.len().saturating_sub(KEPT);
        if let Some(last) = self.events.drain(..excess).next_back() {
            self.from = last.seq;
        }
    }
}
