//! One change stream for all groups of a process: it wakes the sequencers on commits of other processes, and readers
//! on newly numbered events.

use bson::{Document, doc};
use mongodb::{Database, error::Error};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    future::{Future, IntoFuture},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How often everybody looks for news while there is no change stream.
const POLL: Duration = Duration::from_millis(100);

/// After how long the server says that there is nothing new.
const QUIET: Duration = Duration::from_secs(5);

/// What one group listens to.
#[derive(Debug)]
pub(super) struct Signals {
    unnumbered: Notify,
    schema: Notify,
    numbered: watch::Sender<u64>,
}

impl Signals {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            unnumbered: Notify::new(),
            schema: Notify::new(),
            numbered: watch::Sender::new(0),
        })
    }

    /// There may be events without a number.
    pub(super) fn wake_sequencer(&self) {
        self.unnumbered.notify_one();
    }

    /// Resolves when there may be events without a number.
    pub(super) async fn unnumbered(&self) {
        self.unnumbered.notified().await;
    }

    /// There may be newly numbered events.
    pub(super) fn wake_readers(&self) {
        self.numbered.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Changes when there may be newly numbered events.
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.numbered.subscribe()
    }

    /// Resolves when fields may have been declared by another process.
    pub(super) async fn schema_changed(&self) {
        self.schema.notified().await;
    }

    fn wake_all(&self) {
        self.schema.notify_one();
        self.wake_sequencer();
        self.wake_readers();
    }
}

/// The change stream and those who listen to it.
#[derive(Debug)]
pub(super) struct Changes {
    database: Database,
    runtime: Handle,
    listeners: Arc<Listeners>,
}

#[derive(Debug, Default)]
struct Listeners {
    /// By group; two handles on one group are two listeners.
    groups: Mutex<HashMap<String, Vec<Arc<Signals>>>>,
    following: AtomicBool,
    stop: Mutex<Option<CancellationToken>>,
}

impl Changes {
    pub(super) fn of(database: Database, runtime: Handle) -> Self {
        Self {
            database,
            runtime,
            listeners: Arc::default(),
        }
    }

    /// Begins to wake a group; the first one opens the stream.
    pub(super) fn listen(&self, group: &str, signals: &Arc<Signals>) {
        let mut groups = self.listeners.groups.lock();
        groups.entry(group.to_owned()).or_default().push(signals.clone());
        let mut stop = self.listeners.stop.lock();
        if stop.is_none() {
            let token = CancellationToken::new();
            *stop = Some(token.clone());
            let (database, listeners) = (self.database.clone(), self.listeners.clone());
            drop(self.runtime.spawn(async move {
                tokio::select! {
                    () = token.cancelled() => {}
                    () = follow_for_ever(&database, &listeners) => {}
                    () = poll_while_blind(&listeners) => {}
                }
            }));
        }
    }

    /// Ends waking a group; the last one closes the stream.
    pub(super) fn forget(&self, group: &str, signals: &Arc<Signals>) {
        let mut groups = self.listeners.groups.lock();
        if let Some(listening) = groups.get_mut(group) {
            listening.retain(|other| !Arc::ptr_eq(other, signals));
        }
        groups.retain(|_, listening| !listening.is_empty());
        if groups.is_empty()
            && let Some(token) = self.listeners.stop.lock().take()
        {
            token.cancel();
        }
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        if let Some(token) = self.listeners.stop.lock().take() {
            token.cancel();
        }
    }
}

impl Listeners {
    fn wake_all(&self) {
        for signals in self.groups.lock().values().flatten() {
            signals.wake_all();
        }
    }

    fn dispatch(&self, event: &Document) {
        let Ok(name) = event.get_document("ns").and_then(|ns| ns.get_str("coll")) else {
            return;
        };
        let Some((group, kind)) = name.rsplit_once('.') else {
            return;
        };
        let numbered = event.get_str("operationType").is_ok_and(|kind| kind == "update");
        for signals in self.groups.lock().get(group).into_iter().flatten() {
            match (kind, numbered) {
                ("schema", _) => signals.schema.notify_one(),
                (_, true) => signals.wake_readers(),
                (_, false) => signals.wake_sequencer(),
            }
        }
    }
}

async fn follow_for_ever(database: &Database, listeners: &Listeners) {
    let mut warned = false;
    loop {
        match follow(database, listeners).await {
            Ok(()) => tracing::debug!("the change stream ended: opening it again"),
            Err(cause) if !warned => {
                warned = true;
                tracing::warn!(%cause, "no change stream: looking for events every {POLL:?} until there is one");
            }
            Err(cause) => tracing::debug!(%cause, "no change stream"),
        }
        listeners.following.store(false, Ordering::Relaxed);
        sleep(POLL).await;
    }
}

async fn follow(database: &Database, listeners: &Listeners) -> Result<(), Error> {
    let pipeline = [
        doc! { "$match": {
            "operationType": { "$in": ["insert", "update"] },
            "ns.coll": { "$regex": r"\.(outbox|schema)$" },
        } },
        doc! { "$project": { "_id": 1, "operationType": 1, "ns": 1 } },
    ];
    let opening = database.watch().pipeline(pipeline).max_await_time(QUIET);
    let mut stream = bounded(opening.into_future()).await?.with_type::<Document>();
    // What happened before the stream stood is not in it.
    listeners.following.store(true, Ordering::Relaxed);
    listeners.wake_all();
    while stream.is_alive() {
        if let Some(event) = bounded(stream.next_if_any()).await? {
            listeners.dispatch(&event);
        }
    }
    Ok(())
}

/// A server that neither answers nor closes the connection counts as gone.
async fn bounded<T>(waiting: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    match timeout(3 * QUIET, waiting).await {
        Ok(answer) => answer,
        Err(_) => Err(Error::custom("the server does not answer")),
    }
}

async fn poll_while_blind(listeners: &Listeners) {
    loop {
        sleep(POLL).await;
        if !listeners.following.load(Ordering::Relaxed) {
            listeners.wake_all();
        }
    }
}
