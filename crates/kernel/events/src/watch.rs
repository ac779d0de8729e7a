use crate::{EventFeedClient, EventMetrics, Failure, MAX_FEED_PAGE, backoff::Backoff};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{CallContext, Deadline, EventEnvelope, Sources, Tasks, TenantId};
use prometheus_client::metrics::gauge::Gauge;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch as cell;

/// How long one read waits for something new; an absent feed is noticed within this and [`MARGIN`].
const WAIT: Duration = Duration::from_secs(5);

/// How much longer than the wait itself a waiting read may take.
const MARGIN: Duration = Duration::from_secs(2);

/// Keeps something in memory in every process, such as who must not be let in any more.
#[async_trait]
pub trait Watcher: Send + Sync + 'static {
    /// The name, for logs and metrics.
    fn name(&self) -> &'static str;

    /// Takes over everything that counts now, and answers the place in the feed after which to listen. May be called
    /// again later: what was taken over before is then replaced.
    async fn snapshot(&self, cx: &CallContext) -> Result<u64, Failure>;

    /// Takes over one event. May see an event that the snapshot already held.
    fn apply(&self, event: &EventEnvelope);
}

/// Whether a watcher hears its feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchState {
    /// The first snapshot has not come yet.
    Starting,
    /// What is in memory is what was last committed, but for milliseconds.
    Fresh,
    /// The feed is away: what is in memory may be old.
    Broken {
        /// Since when, UTC.
        since: DateTime<Utc>,
    },
}

/// A running watcher. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Watch {
    state: cell::Receiver<WatchState>,
}

impl Watch {
    /// Whether it hears its feed.
    pub fn state(&self) -> WatchState {
        *self.state.borrow()
    }

    /// Waits until it does. Never resolves once the process has stopped.
    pub async fn fresh(&self) {
        let mut state = self.state.clone();
        if state.wait_for(|state| *state == WatchState::Fresh).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Changes with the state.
    pub fn changes(&self) -> cell::Receiver<WatchState> {
        self.state.clone()
    }
}

/// Runs a watcher over a feed on the current runtime until the process stops. `group` is who asks.
pub fn watch(
    tasks: &Tasks,
    sources: &Sources,
    metrics: &EventMetrics,
    group: &str,
    feed: EventFeedClient,
    watcher: Arc<dyn Watcher>,
) -> Watch {
    let (sender, state) = cell::channel(WatchState::Starting);
    let listener = Listener {
        fresh: metrics.fresh(watcher.name(), feed.group()),
        group: group.to_owned(),
        sources: sources.clone(),
        state: sender,
        feed,
        watcher,
    };
    let stopping = tasks.token();
    drop(tasks.spawn(async move {
        stopping.run_until_cancelled(listener.listen()).await;
    }));
    Watch { state }
}

struct Listener {
    group: String,
    sources: Sources,
    feed: EventFeedClient,
    watcher: Arc<dyn Watcher>,
    state: cell::Sender<WatchState>,
    fresh: Gauge,
}

impl Listener {
    async fn listen(self) {
        let mut backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(2));
        let mut place = None;
        loop {
            match self.step(place).await {
                Ok(next) => {
                    place = next;
                    backoff.reset();
                }
                Err(failure) => {
                    self.broken(&failure);
                    tokio::time::sleep(backoff.next(&self.sources)).await;
                }
            }
        }
    }

    /// Takes a snapshot, or what is new after `place`, and answers the new place. None means that a snapshot is due.
    async fn step(&self, place: Option<u64>) -> Result<Option<u64>, Failure> {
        let cx = CallContext::system(&self.group, TenantId::DEFAULT, self.sources.ids())
            .with_deadline(Deadline::within(WAIT + MARGIN));
        let Some(place) = place else {
            return self.watcher.snapshot(&cx).await.map(Some);
        };
        // The first read after a gap does not wait: its answer says that the feed is heard again.
        let is_fresh = *self.state.borrow() == WatchState::Fresh;
        let wait = if is_fresh { WAIT } else { Duration::ZERO };
        let wait = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
        let page = self
            .feed
            .read(&cx, place, MAX_FEED_PAGE, wait)
            .await
            .map_err(Failure::from_fault)?;
        if page.last_seq < place {
            tracing::warn!(
                watcher = self.watcher.name(),
                "the feed begins anew: taking a new snapshot"
            );
            return Ok(None);
        }
        for event in &page.events {
            self.watcher.apply(event);
        }
        if page.read_to == page.last_seq {
            self.heard();
        }
        Ok(Some(page.read_to))
    }

    fn heard(&self) {
        self.fresh.set(1);
        self.state.send_if_modified(|state| {
            let changed = *state != WatchState::Fresh;
            *state = WatchState::Fresh;
            changed
        });
    }

    fn broken(&self, failure: &Failure) {
        self.fresh.set(0);
        let since = self.sources.now();
        let is_news = self.state.send_if_modified(|state| {
            let changed = *state == WatchState::Fresh;
            if changed {
                *state = WatchState::Broken { since };
            }
            changed
        });
        if is_news {
            tracing::warn!(
                watcher = self.watcher.name(),
                feed = self.feed.group(),
                error = failure as &dyn std::error::Error,
                "a watcher does not hear its feed: what it knows may be old"
            );
        }
    }
}
