use super::{
    Parts, Projection,
    delivery::Delivery,
    place::{Moved, Place},
    run::Run,
};
use crate::{EventFeedClient, Failure, FeedPage, backoff::Backoff, metrics::CursorMetrics};
use fail::fail_point;
use kernel::{CallContext, Deadline, TenantId};
use std::{pin::pin, sync::Arc, time::Duration};
use store::{Lease, StoreError};
use tokio::{sync::watch, time::Instant};

/// How much longer than the wait itself a waiting read may take.
const READ_MARGIN: Duration = Duration::from_secs(5);

/// How often a process that leaves the work to another looks whether it is done.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Runs one projection over one feed.
pub(super) struct Runner {
    parts: Arc<Parts>,
    projection: Arc<dyn Projection>,
    feed: EventFeedClient,
    metrics: CursorMetrics,
    backoff: Backoff,
    turn: Turn,
    /// Until when events gather.
    gathering_until: Option<Instant>,
}

/// Which process goes first.
struct Turn {
    name: String,
    lease: Option<Lease>,
    /// Until when this process works without the lease, because its holder did not.
    ahead_until: Option<Instant>,
}

impl Runner {
    pub(super) fn new(parts: Arc<Parts>, projection: Arc<dyn Projection>, feed: EventFeedClient) -> Self {
        let metrics = parts
            .metrics
            .cursor(parts.store.group(), projection.name(), feed.group());
        let options = &parts.options;
        Self {
            backoff: Backoff::new(
                options.first_backoff,
                options.longest_backoff.min(Duration::from_secs(5)),
            ),
            turn: Turn {
                name: format!("project/{}/{}", projection.name(), feed.group()),
                lease: None,
                ahead_until: None,
            },
            parts,
            projection,
            feed,
            metrics,
            gathering_until: None,
        }
    }

    /// Works whenever the projector is active, until the process stops.
    pub(super) async fn run(mut self) {
        let stopping = self.parts.tasks.token();
        let mut active = self.parts.active.subscribe();
        let told_to = async |active: &mut watch::Receiver<bool>, wanted: bool| {
            // The sender lives as long as the parts that this runner holds.
            let _ = active.wait_for(|active| *active == wanted).await;
        };
        while stopping
            .run_until_cancelled(told_to(&mut active, true))
            .await
            .is_some()
        {
            let mut place = None;
            let told_to_rest = stopping.run_until_cancelled(told_to(&mut active, false));
            tokio::select! {
                biased;
                _ = told_to_rest => {}
                () = self.work(&mut place) => {}
            }
            self.rest(place).await;
        }
    }

    async fn rest(&mut self, place: Option<Place>) {
        if let Err(error) = self.leave(place).await {
            tracing::warn!(
                consumer = self.projection.name(),
                error = &error as &dyn std::error::Error,
                "a consumer could not save its place at stop"
            );
        }
    }

    async fn work(&mut self, place: &mut Option<Place>) {
        let mut own = self.parts.store.feed_changes();
        loop {
            match self.step(place, &mut own).await {
                Ok(()) => self.backoff.reset(),
                Err(failure) => {
                    tracing::warn!(
                        consumer = self.projection.name(),
                        feed = self.feed.group(),
                        error = &failure as &dyn std::error::Error,
                        "a consumer cannot go on at the moment"
                    );
                    tokio::time::sleep(self.backoff.next(self.parts.store.sources())).await;
                }
            }
        }
    }

    /// Reads what is next and deals with it.
    async fn step(
        &mut self,
        place: &mut Option<Place>,
        own: &mut watch::Receiver<u64>,
    ) -> Result<(), Failure> {
        let place = match place {
            Some(place) => place,
            None => {
                place.insert(Place::load(&self.parts.store, self.projection.name(), self.feed.group()).await?)
            }
        };
        if let Some(until) = self.gathering_until.take() {
            tokio::time::sleep_until(until).await;
        }
        let Some(page) = self.next_page(place, own).await? else {
            return Ok(());
        };
        let is_all = page.events.last().is_none_or(|last| last.seq == page.last_seq);
        self.show_lag(&page, place);
        let mut rest = page.events.as_slice();
        while let Some(event) = rest.first() {
            self.check_order(&page, event.seq, place)?;
            if !self.projection.wants(&event.event_type) || skips_rebuild() {
                place.pass(event.seq);
                self.metrics.handled("passed");
                rest = &rest[1..];
            } else {
                let run = Run::at_the_head_of(rest, &*self.projection);
                if self.deal_with(&run, place).await? == Moved::ByAnother {
                    self.turn.ahead_until = None;
                    return Ok(());
                }
                rest = &rest[run.stretch()..];
                self.gathering_until = is_all.then(|| Instant::now() + self.projection.gathers_for());
            }
            self.show_lag(&page, place);
        }
        self.save_if_due(place).await
    }

    /// The next events; none when somebody else has moved the cursor while nothing was new.
    async fn next_page(
        &self,
        place: &mut Place,
        own: &mut watch::Receiver<u64>,
    ) -> Result<Option<FeedPage>, Failure> {
        let options = &self.parts.options;
        let wait = match place.save_by(options.save_every) {
            Some(moment) => moment.saturating_duration_since(Instant::now()).min(options.wait),
            None => options.wait,
        };
        let sources = self.parts.store.sources();
        let cx = CallContext::system(self.parts.store.group(), TenantId::DEFAULT, sources.ids())
            .with_deadline(Deadline::within(wait + READ_MARGIN));
        let wait = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
        let position = place.position();
        let read = pin!(self.feed.read(&cx, position, options.page, wait));
        let page = tokio::select! {
            page = read => page.map_err(Failure::from_fault)?,
            moved = place.moved_by_another(own) => return moved.map(|()| None).map_err(Failure::from),
        };
        if page.last_seq < position {
            return Err(Failure::transient(format!(
                "the feed of '{}' ends at {}, before this consumer's place {position}: it was restored from a backup; \
                 rewind the consumer to go on",
                self.feed.group(),
                page.last_seq
            )));
        }
        Ok(Some(page))
    }

    /// A feed is dense: a gap means that something would be lost for ever.
    fn check_order(&self, page: &FeedPage, seq: u64, place: &Place) -> Result<(), Failure> {
        if seq == place.position() + 1 {
            return Ok(());
        }
        Err(Failure::transient(format!(
            "the feed of '{}' has a gap: after {} came {seq} (of {})",
            self.feed.group(),
            place.position(),
            page.last_seq
        )))
    }

    async fn deal_with(&mut self, run: &Run<'_>, place: &mut Place) -> Result<Moved, Failure> {
        if !self.turn.has_come(&self.parts, place).await? {
            return Ok(Moved::ByAnother);
        }
        let mut delivery = Delivery {
            parts: &self.parts,
            projection: &*self.projection,
            place,
            metrics: &self.metrics,
        };
        if let Some(moved) = delivery.deliver_together(run).await? {
            return Ok(moved);
        }
        for event in run.events() {
            if delivery.deliver(event).await? == Moved::ByAnother {
                return Ok(Moved::ByAnother);
            }
        }
        Ok(Moved::Here)
    }

    async fn save_if_due(&self, place: &mut Place) -> Result<(), Failure> {
        let due = place.save_by(self.parts.options.save_every);
        if due.is_some_and(|moment| moment <= Instant::now()) {
            self.save(place).await?;
        }
        Ok(())
    }

    async fn save(&self, place: &mut Place) -> Result<(), StoreError> {
        let sources = self.parts.store.sources();
        let cx = CallContext::system(self.parts.store.group(), TenantId::DEFAULT, sources.ids());
        let seq = place.position();
        place.commit(self.parts.store.batch(&cx), seq).await.map(|_| ())
    }

    /// Saves the place and lets others go first.
    async fn leave(&mut self, place: Option<Place>) -> Result<(), StoreError> {
        if let Some(mut place) = place.filter(Place::is_unsaved) {
            self.save(&mut place).await?;
        }
        match self.turn.lease.take() {
            Some(lease) => self.parts.store.release_lease(lease).await,
            None => Ok(()),
        }
    }

    fn show_lag(&self, page: &FeedPage, place: &Place) {
        self.metrics.lag(page.last_seq.saturating_sub(place.position()));
    }
}

impl Turn {
    /// Whether this process is to do the work: it holds the lease, or whoever holds it makes no progress. Answers
    /// no when another has moved on meanwhile.
    async fn has_come(&mut self, parts: &Parts, place: &mut Place) -> Result<bool, StoreError> {
        let now = parts.store.sources().now();
        if self
            .lease
            .as_ref()
            .is_some_and(|lease| lease.until() - now > parts.options.lease / 2)
        {
            return Ok(true);
        }
        let life = parts.options.lease;
        self.lease = parts.store.acquire_lease(&self.name, parts.holder, life).await?;
        let is_ahead = self.ahead_until.is_some_and(|until| Instant::now() < until);
        if self.lease.is_some() || is_ahead {
            return Ok(true);
        }
        self.stand_by(parts, place).await
    }

    async fn stand_by(&mut self, parts: &Parts, place: &mut Place) -> Result<bool, StoreError> {
        let since = Instant::now();
        while since.elapsed() < parts.options.takeover {
            tokio::time::sleep(LOOK_AGAIN.min(parts.options.takeover)).await;
            if place.reload().await? {
                return Ok(false);
            }
        }
        let life = parts.options.lease.to_std().unwrap_or_default();
        self.ahead_until = Some(Instant::now() + life);
        Ok(true)
    }
}

/// A mistake that the fault harness plants, to prove that it would find it: what happened while the process was away is
/// passed over instead of being made up for.
fn skips_rebuild() -> bool {
    fail_point!("planted.skip_rebuild", |_| true);
    false
}
