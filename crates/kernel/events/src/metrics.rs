use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Cursor {
    group: String,
    consumer: String,
    feed: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Handled {
    group: String,
    consumer: String,
    feed: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Watching {
    watcher: String,
    feed: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Job {
    group: String,
    kind: String,
    outcome: &'static str,
}

/// The metrics of everything that listens to feeds or does jobs in a process.
#[derive(Debug, Clone)]
pub struct EventMetrics {
    lag: Family<Cursor, Gauge>,
    handled: Family<Handled, Counter>,
    fresh: Family<Watching, Gauge>,
    jobs: Family<Job, Counter>,
}

impl EventMetrics {
    /// Metrics in `registry`: `events_consumer_lag`, `events_handled_total`, `events_watch_fresh`, `jobs_runs_total`.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            lag: Family::default(),
            handled: Family::default(),
            fresh: Family::default(),
            jobs: Family::default(),
        };
        registry.register(
            "events_consumer_lag",
            "Events of a feed that a consumer has not dealt with",
            metrics.lag.clone(),
        );
        registry.register(
            "events_handled",
            "Events that consumers dealt with",
            metrics.handled.clone(),
        );
        registry.register(
            "events_watch_fresh",
            "1 while a watcher hears its feed, 0 while it does not",
            metrics.fresh.clone(),
        );
        registry.register(
            "jobs_runs",
            "Attempts at jobs by how they ended",
            metrics.jobs.clone(),
        );
        metrics
    }

    pub(crate) fn cursor(&self, group: &str, consumer: &str, feed: &str) -> CursorMetrics {
        CursorMetrics {
            lag: self.lag.get_or_create_owned(&Cursor {
                group: group.to_owned(),
                consumer: consumer.to_owned(),
                feed: feed.to_owned(),
            }),
            all: self.clone(),
            group: group.to_owned(),
            consumer: consumer.to_owned(),
            feed: feed.to_owned(),
        }
    }

    pub(crate) fn fresh(&self, watcher: &str, feed: &str) -> Gauge {
        self.fresh.get_or_create_owned(&Watching {
            watcher: watcher.to_owned(),
            feed: feed.to_owned(),
        })
    }

    pub(crate) fn job(&self, group: &str, kind: &str, outcome: &'static str) {
        let labels = Job {
            group: group.to_owned(),
            kind: kind.to_owned(),
            outcome,
        };
        self.jobs.get_or_create_owned(&labels).inc();
    }
}

/// The metrics of one consumer on one feed.
#[derive(Debug, Clone)]
pub(crate) struct CursorMetrics {
    lag: Gauge,
    all: EventMetrics,
    group: String,
    consumer: String,
    feed: String,
}

impl CursorMetrics {
    pub(crate) fn lag(&self, events: u64) {
        self.lag.set(i64::try_from(events).unwrap_or(i64::MAX));
    }

    pub(crate) fn handled(&self, outcome: &'static str) {
        self.handled_many(outcome, 1);
    }

    pub(crate) fn handled_many(&self, outcome: &'static str, events: usize) {
        let labels = Handled {
            group: self.group.clone(),
            consumer: self.consumer.clone(),
            feed: self.feed.clone(),
            outcome,
        };
        self.all
            .handled
            .get_or_create_owned(&labels)
            .inc_by(events as u64);
    }
}
