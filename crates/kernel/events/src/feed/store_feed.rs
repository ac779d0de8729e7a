use super::{
    ConsumerStatus, DeadLetterId, DeadLetterPage, EventFeed, FeedError, FeedPage, MAX_FEED_PAGE, MAX_WAIT,
    ReplayRequest,
    access::{self, Reach},
    tail::{Stretch, Tail},
};
use crate::{
    Projector,
    dead_letter::{DeadLetterRecord, shown},
};
use fail::fail_point;
use kernel::{CallContext, CallError, EventEnvelope, IdempotencyKey, PageRequest};
use std::{sync::Arc, time::Duration};
use store::{Query, Store};
use tokio::time::{Instant, timeout_at};

/// What a waiting read keeps of its deadline, so that the answer "nothing new" still arrives.
const TIME_TO_ANSWER: Duration = Duration::from_millis(50);

/// The feed of a group, over the group's store and the consumers that it runs.
#[derive(Debug, Clone)]
pub struct StoreFeed {
    projector: Projector,
    tail: Arc<Tail>,
}

impl StoreFeed {
    /// The feed of the projector's group.
    pub fn new(projector: Projector) -> Self {
        Self {
            projector,
            tail: Arc::default(),
        }
    }

    fn store(&self) -> &Store {
        self.projector.store()
    }

    /// Events after `after`, waiting until `until` or until the process stops for the first of them.
    async fn awaited(&self, after: u64, limit: u32, until: Instant) -> Result<Stretch, FeedError> {
        let mut changes = self.store().feed_changes();
        loop {
            let seen = *changes.borrow_and_update();
            let stretch = self.tail.after(self.store(), after, limit, seen).await?;
            if !stretch.events.is_empty() {
                return Ok(stretch);
            }
            let changed = tokio::select! {
                changed = timeout_at(until, changes.changed()) => changed,
                () = self.projector.tasks().stopping() => return Ok(stretch),
            };
            match changed {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(CallError::StoreUnavailable { cause: None }.into()),
                Err(_) => {
                    // A change that nobody told of is found by whoever asks next.
                    self.tail.doubt().await;
                    return Ok(stretch);
                }
            }
        }
    }

    async fn statuses(&self, consumer: Option<&str>) -> Result<Vec<ConsumerStatus>, FeedError> {
        let group = self.store().group();
        let mut statuses: Vec<_> = self
            .store()
            .consumer_cursors()
            .await?
            .iter()
            .filter(|cursor| consumer.is_none_or(|name| cursor.consumer() == name))
            .map(|cursor| ConsumerStatus {
                group: group.to_owned(),
                consumer: cursor.consumer().to_owned(),
                feed: cursor.feed().to_owned(),
                seq: cursor.seq(),
            })
            .collect();
        statuses.sort_by(|a, b| (&a.consumer, &a.feed).cmp(&(&b.consumer, &b.feed)));
        Ok(statuses)
    }
}

#[rpc::async_trait]
impl EventFeed for StoreFeed {
    async fn read(
        &self,
        cx: &CallContext,
        after: u64,
        limit: u32,
        wait_ms: u32,
    ) -> Result<FeedPage, FeedError> {
        let reach = access::to_read(cx)?;
        let limit = limit.clamp(1, MAX_FEED_PAGE);
        let patience = Duration::from_millis(wait_ms.into())
            .min(MAX_WAIT)
            .min(cx.deadline.remaining().saturating_sub(TIME_TO_ANSWER));
        // Who does not wait hears what stands there now; what another process committed a moment ago as well.
        let Stretch { mut events, is_last } = match patience.is_zero() {
            true => Stretch::read(self.store(), after, limit).await?,
            false => self.awaited(after, limit, Instant::now() + patience).await?,
        };
        let read_to = events.last().map_or(after, |event| event.seq);
        let last_seq = match is_last && !events.is_empty() {
            true => read_to,
            false => self.store().last_seq().await?,
        };
        events.retain(|event| reach.covers(event.tenant));
        Ok(FeedPage {
            events: handed_out(events),
            read_to,
            last_seq,
        })
    }

    async fn consumers(&self, cx: &CallContext) -> Result<Vec<ConsumerStatus>, FeedError> {
        access::to_read(cx)?;
        self.statuses(None).await
    }

    async fn dead_letters(
        &self,
        cx: &CallContext,
        consumer: Option<String>,
        limit: u32,
        cursor: Option<String>,
    ) -> Result<DeadLetterPage, FeedError> {
        let reach = access::to_read(cx)?;
        let mut query = Query::all().page(PageRequest {
            limit,
            cursor,
            count: false,
        });
        if let Some(consumer) = consumer {
            query = query.equals("consumer", consumer);
        }
        let page = match reach {
            Reach::Installation => self.store().find_everywhere::<DeadLetterRecord>(query).await?,
            Reach::Firm(_) => self.store().find(&cx.scope()?, query).await?,
        };
        let page = page.map(|stored| shown(self.store().group(), stored));
        Ok(DeadLetterPage {
            items: page.items,
            next: page.next,
        })
    }

    async fn rewind(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        request: ReplayRequest,
    ) -> Result<Vec<ConsumerStatus>, FeedError> {
        access::to_replay(cx)?;
        self.projector.rewind(cx, &key, &request).await?;
        self.statuses(Some(&request.consumer)).await
    }

    async fn retry_dead_letter(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        id: DeadLetterId,
    ) -> Result<(), FeedError> {
        let reach = access::to_replay(cx)?;
        self.projector.retry(cx, &key, id.into(), reach).await
    }
}

/// The events as readers get them: as they are, unless the fault harness wants some twice or in the wrong order.
fn handed_out(events: Vec<Arc<EventEnvelope>>) -> Vec<Arc<EventEnvelope>> {
    fail_point!("feed.duplicate", |_| events
        .iter()
        .flat_map(|event| [event.clone(), event.clone()])
        .collect());
    fail_point!("feed.reorder", |_| events.iter().rev().cloned().collect());
    events
}
