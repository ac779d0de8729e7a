use super::{Projection, Projector, replay::audit};
use crate::Failure;
use kernel::{CallContext, TenantId};
use std::sync::Arc;
use store::ConsumerCursor;

/// What became of a consumer's place after a feed was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It was not beyond the end.
    Kept,
    /// What it made is forgotten, and it begins again with the first event of all its feeds.
    Rebuilding,
    /// It cannot forget what it made of events that never happened, and goes on with what comes next.
    MovedBack,
}

impl Projector {
    /// Brings a consumer's place in the feed of another group back to where that feed ends: a place beyond would pass
    /// over the next events unseen. For restored data, while no process runs.
    pub async fn settle(
        &self,
        cursor: &ConsumerCursor,
        projection: Option<&Arc<dyn Projection>>,
        last_seq: u64,
    ) -> Result<Settled, Failure> {
        if cursor.seq() <= last_seq {
            return Ok(Settled::Kept);
        }
        let store = self.store();
        let cx = CallContext::system(store.group(), TenantId::DEFAULT, store.sources().ids());
        let mut batch = store.batch(&cx);
        let forgetting = match projection {
            Some(projection) => projection.reset(&cx).await?,
            None => None,
        };
        let settled = match forgetting {
            Some(forgetting) => {
                batch.absorb(forgetting);
                for place in store.consumer_cursors().await? {
                    if place.consumer() == cursor.consumer() {
                        batch.advance(&place, 0);
                    }
                }
                Settled::Rebuilding
            }
            None => {
                batch.advance(cursor, last_seq);
                Settled::MovedBack
            }
        };
        batch.event(audit("consumer.rewound", format!("consumer/{}", cursor.consumer())).into_event(&cx));
        store.commit(batch).await?;
        Ok(settled)
    }
}
