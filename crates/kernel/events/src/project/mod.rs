//! Consumers with a durable cursor: each event's effect and the move of the cursor are one commit.

mod delivery;
mod options;
mod place;
mod replay;
mod run;
mod runner;
mod settle;

pub use options::ProjectOptions;
pub use settle::Settled;

use crate::{EventFeedClient, EventMetrics, Failure};
use async_trait::async_trait;
use kernel::{CallContext, EventEnvelope, Tasks};
use parking_lot::RwLock;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use store::{Batch, Store};
use tokio::sync::watch as cell;
use uuid::Uuid;

/// A named consumer of events: what it makes of an event is committed together with its place in the feed.
#[async_trait]
pub trait Projection: Send + Sync + 'static {
    /// The name, unique in the group and the same for ever: the cursor is kept under it.
    fn name(&self) -> &'static str;

    /// Whether it does anything with events of this type. What it does not want is passed over without a commit, for
    /// good: a consumer that learns to want more must be rewound to see what it passed.
    fn wants(&self, event_type: &str) -> bool {
        let _ = event_type;
        true
    }

    /// What is to be written because of an event. `cx` acts for the group in the event's firm, under the request that
    /// caused the event. Called again for the same event until what it answers is committed, and never committed twice:
    /// an effect outside the batch needs a key derived from the event's id.
    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure>;

    /// How many events it takes at once at most: 1 unless it has an [`apply_run`](Self::apply_run).
    fn longest_run(&self) -> usize {
        1
    }

    /// How long it lets events gather after a commit before it reads on: a consumer that takes many at once then pays
    /// for a commit now and then, and not for each event. An event that comes after a quiet time is dealt with at once,
    /// and so is what has piled up.
    fn gathers_for(&self) -> Duration {
        Duration::ZERO
    }

    /// What is to be written because of several wanted events of one firm, in order: one batch for all of them, so that
    /// a consumer that has fallen behind pays for one commit and not for each. What it writes must be what `apply`
    /// would write one by one. When it fails, the events are brought to `apply` one by one.
    async fn apply_run(&self, cx: &CallContext, run: &[&EventEnvelope]) -> Result<Batch, Failure> {
        let _ = (cx, run);
        Err(Failure::permanent("this consumer takes its events one by one"))
    }

    /// Whether an event that fails again and again becomes a dead letter. A consumer that only hands events on to somebody
    /// who may be away for days says no: it waits, and everything behind the event with it. What fails for good becomes a
    /// dead letter all the same.
    fn gives_up(&self) -> bool {
        true
    }

    /// Forgets everything that was made, so that it can be built anew from the first event; committed together with
    /// moving the cursors to the beginning. None when that cannot be done.
    async fn reset(&self, cx: &CallContext) -> Result<Option<Batch>, Failure> {
        let _ = cx;
        Ok(None)
    }
}

/// Runs a group's projections. Cheap to clone; clones share what they run.
#[derive(Clone)]
pub struct Projector {
    parts: Arc<Parts>,
}

struct Parts {
    store: Store,
    tasks: Tasks,
    metrics: EventMetrics,
    options: ProjectOptions,
    /// This process, as the holder of leases.
    holder: Uuid,
    projections: RwLock<BTreeMap<&'static str, Registered>>,
    /// Whether the consumers work, or rest because another process answers for the group.
    active: cell::Sender<bool>,
}

#[derive(Clone)]
struct Registered {
    projection: Arc<dyn Projection>,
    feeds: Vec<String>,
}

impl Projector {
    /// A projector for the group whose store this is.
    pub fn new(store: Store, tasks: Tasks, metrics: EventMetrics) -> Self {
        Self::with_options(store, tasks, metrics, ProjectOptions::default())
    }

    /// A projector with other patience.
    pub fn with_options(store: Store, tasks: Tasks, metrics: EventMetrics, options: ProjectOptions) -> Self {
        Self {
            parts: Arc::new(Parts {
                holder: store.sources().ids().next(),
                store,
                tasks,
                metrics,
                options,
                projections: RwLock::default(),
                active: cell::Sender::new(true),
            }),
        }
    }

    /// Lets the group's consumers work, or rest after saving their place and releasing their leases: a process for
    /// which the group is remote takes no leases. New projectors work.
    pub fn set_active(&self, active: bool) {
        self.parts.active.send_replace(active);
    }

    /// Runs a projection over these feeds on the current runtime until the process stops. Each feed is read in order,
    /// side by side with the others.
    pub fn run(&self, projection: Arc<dyn Projection>, feeds: impl IntoIterator<Item = EventFeedClient>) {
        let feeds: Vec<EventFeedClient> = feeds.into_iter().collect();
        let registered = Registered {
            projection: projection.clone(),
            feeds: feeds.iter().map(|feed| feed.group().to_owned()).collect(),
        };
        self.parts
            .projections
            .write()
            .insert(projection.name(), registered);
        for feed in feeds {
            let runner = runner::Runner::new(self.parts.clone(), projection.clone(), feed.clone());
            drop(self.parts.tasks.spawn(runner.run()));
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.parts.store
    }

    pub(crate) fn tasks(&self) -> &Tasks {
        &self.parts.tasks
    }
}

impl Parts {
    fn registered(&self, name: &str) -> Option<Registered> {
        self.projections.read().get(name).cloned()
    }

    /// The context in which a projection deals with an event.
    fn context_of(&self, event: &EventEnvelope) -> CallContext {
        let mut cx = CallContext::system(self.store.group(), event.tenant, self.store.sources().ids())
            .with_deadline(kernel::Deadline::within(self.options.handler_deadline));
        cx.request_id = event.correlation;
        cx
    }
}

impl std::fmt::Debug for Projector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Projector")
            .field("store", &self.parts.store)
            .finish()
    }
}
