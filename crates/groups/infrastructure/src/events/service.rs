use super::requests::{EventFilter, ReplayEventsRequest};
use crate::error::Error;
use events::{ConsumerStatus, DeadLetterPage, EventFeedClient, FeedError, MAX_FEED_PAGE};
use kernel::{CallContext, CallError, EventEnvelope, IdempotencyKey, MAX_PAGE, PageRequest, Principal, Role};
use std::sync::Arc;
use uuid::Uuid;

/// How many pages of a feed one request looks through.
const PAGES: usize = 20;

/// Reads and replays the feeds of all groups.
pub(crate) struct EventsService {
    feeds: Vec<(&'static str, EventFeedClient)>,
}

/// Part of a feed, and where to go on.
pub(crate) struct EventList {
    pub(crate) events: Vec<Arc<EventEnvelope>>,
    pub(crate) next_after: Option<u64>,
}

impl EventsService {
    pub(crate) fn new(feeds: Vec<(&'static str, EventFeedClient)>) -> Self {
        Self { feeds }
    }

    /// The events that the caller may see: the whole firm's for admins and compliance, what they did themselves for
    /// everybody else.
    pub(crate) async fn list(&self, cx: &CallContext, filter: &EventFilter) -> Result<EventList, Error> {
        let limit = filter.limit.unwrap_or(50);
        if !(1..=MAX_PAGE).contains(&limit) {
            return Err(CallError::invalid("limit", format!("must be 1 to {MAX_PAGE}")).into());
        }
        if filter.after.is_some_and(|after| i64::try_from(after).is_err()) {
            return Err(CallError::invalid("after", "is no place in a feed").into());
        }
        match &filter.group {
            Some(group) => self.of_group(cx, self.feed(group)?, filter, limit as usize).await,
            None if filter.after.is_some() => Err(CallError::invalid("after", "needs a group").into()),
            None => self.newest(cx, filter, limit as usize).await,
        }
    }

    /// How far every group's consumers have read.
    pub(crate) async fn consumers(&self, cx: &CallContext) -> Result<Vec<ConsumerStatus>, Error> {
        let mut all = Vec::new();
        for (_, feed) in self.answering() {
            all.extend(feed.consumers(cx).await?);
        }
        Ok(all)
    }

    /// What a group's consumers could not deal with.
    pub(crate) async fn dead_letters(
        &self,
        cx: &CallContext,
        group: &str,
        consumer: Option<String>,
        page: PageRequest,
    ) -> Result<DeadLetterPage, Error> {
        Ok(self
            .feed(group)?
            .dead_letters(cx, consumer, page.limit, page.cursor)
            .await?)
    }

    /// Lets a consumer read again.
    pub(crate) async fn replay(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: &ReplayEventsRequest,
    ) -> Result<Vec<ConsumerStatus>, Error> {
        Ok(self
            .feed(&request.group)?
            .rewind(cx, key.step("rewind"), request.into())
            .await?)
    }

    /// Gives a dead letter to its consumer once more.
    pub(crate) async fn retry(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        group: &str,
        id: Uuid,
    ) -> Result<(), Error> {
        let feed = self
            .feed(group)
            .map_err(|_| Error::Feed(FeedError::UnknownDeadLetter))?;
        Ok(feed.retry_dead_letter(cx, key.step("retry"), id.into()).await?)
    }

    fn feed(&self, group: &str) -> Result<&EventFeedClient, Error> {
        let found = self
            .feeds
            .iter()
            .find(|(name, _)| *name == group)
            .map(|(_, feed)| feed);
        found.ok_or_else(|| {
            let names: Vec<&str> = self.feeds.iter().map(|(name, _)| *name).collect();
            CallError::invalid("group", format!("must be one of: {}", names.join(", "))).into()
        })
    }

    /// The feeds that lead somewhere at the moment.
    fn answering(&self) -> impl Iterator<Item = (&'static str, &EventFeedClient)> {
        self.feeds
            .iter()
            .filter(|(_, feed)| feed.is_bound())
            .map(|(name, feed)| (*name, feed))
    }

    async fn of_group(
        &self,
        cx: &CallContext,
        feed: &EventFeedClient,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<EventList, Error> {
        let reader = Reader::of(cx)?;
        let mut after = filter.after.unwrap_or(0);
        let mut events = Vec::new();
        for _ in 0..PAGES {
            let page = feed.read(&reader.cx, after, MAX_FEED_PAGE, 0).await?;
            let caught_up = page.read_to >= page.last_seq || page.read_to == after;
            after = page.read_to;
            for event in page
                .events
                .into_iter()
                .filter(|event| reader.wants(event, filter))
            {
                let seq = event.seq;
                events.push(event);
                if events.len() == limit {
                    let more = seq < page.last_seq;
                    return Ok(EventList {
                        events,
                        next_after: more.then_some(seq),
                    });
                }
            }
            if caught_up {
                return Ok(EventList {
                    events,
                    next_after: None,
                });
            }
        }
        Ok(EventList {
            events,
            next_after: Some(after),
        })
    }

    /// The newest of all groups, newest first.
    async fn newest(&self, cx: &CallContext, filter: &EventFilter, limit: usize) -> Result<EventList, Error> {
        let reader = Reader::of(cx)?;
        let mut events = Vec::new();
        for (_, feed) in self.answering() {
            events.extend(self.newest_of(&reader, feed, filter, limit).await?);
        }
        events.sort_by(|a, b| (b.time, &b.producer, b.seq).cmp(&(a.time, &a.producer, a.seq)));
        events.truncate(limit);
        Ok(EventList {
            events,
            next_after: None,
        })
    }

    /// The newest of one group: its feed is read backwards page by page until there are enough.
    async fn newest_of(
        &self,
        reader: &Reader,
        feed: &EventFeedClient,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<Vec<Arc<EventEnvelope>>, Error> {
        let mut end = feed.read(&reader.cx, u64::MAX >> 1, 1, 0).await?.last_seq;
        let mut found = Vec::new();
        for _ in 0..PAGES {
            let begin = end.saturating_sub(u64::from(MAX_FEED_PAGE));
            let page = feed.read(&reader.cx, begin, MAX_FEED_PAGE, 0).await?;
            let wanted = page
                .events
                .into_iter()
                .filter(|event| event.seq <= end && reader.wants(event, filter));
            found.extend(wanted.collect::<Vec<_>>().into_iter().rev());
            if begin == 0 || found.len() >= limit {
                break;
            }
            end = begin;
        }
        found.truncate(limit);
        Ok(found)
    }
}

/// In whose name the feeds are read, and what of them the caller may see.
struct Reader {
    cx: CallContext,
    own: Option<String>,
}

impl Reader {
    fn of(cx: &CallContext) -> Result<Self, CallError> {
        match &cx.principal {
            Principal::User(user) if !matches!(user.role, Role::Admin | Role::Compliance) => {
                let mut reading = cx.clone();
                reading.principal = Principal::System {
                    group: "infrastructure".to_owned(),
                    tenant: user.tenant,
                };
                Ok(Self {
                    cx: reading,
                    own: Some(cx.principal.reference()),
                })
            }
            Principal::Anonymous => Err(CallError::Unauthenticated),
            _ => Ok(Self {
                cx: cx.clone(),
                own: None,
            }),
        }
    }

    fn wants(&self, event: &EventEnvelope, filter: &EventFilter) -> bool {
        event.tenant == self.cx.tenant()
            && self.own.as_ref().is_none_or(|own| *own == event.actor)
            && filter
                .event_type
                .as_ref()
                .is_none_or(|wanted| wanted.as_str() == event.event_type)
            && filter
                .subject
                .as_ref()
                .is_none_or(|wanted| wanted.as_str() == event.subject)
    }
}
