//! The embedded store: one SQLite file per group, documents as JSONB beside ordinary columns for the declared fields.

mod apply;
pub(crate) mod backup;
mod column;
mod encode;
mod failure;
mod file;
mod index;
mod layout;
#[cfg(test)]
mod plan_tests;
mod read;
mod readers;
mod schema;
mod select;
mod turn;
mod writer;

pub use readers::ReaderPool;

use crate::{
    Collection, StoreError,
    backend::{Backend, Committed, Migration, RawBatch, RawDocument, RawQuery},
};
use async_trait::async_trait;
use encode::encode;
use kernel::{Clock, EventEnvelope};
use layout::Layout;
use parking_lot::RwLock;
use read::ReadError;
use readers::Readers;
use rusqlite::Connection;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
};
use tokio::sync::{oneshot, watch};
use uuid::Uuid;
use writer::{Commit, Job, Writer};

/// One group's documents in one SQLite file.
///
/// Any number of backends, in any number of processes of one host, may open one file. Each has one thread that writes
/// and commits what waits together; a commit is answered when it is on the disk.
pub struct SqliteBackend {
    state: Arc<SharedState>,
    readers: Arc<Readers>,
    pool: ReaderPool,
    jobs: mpsc::Sender<Job>,
}

/// What the writer and the rest of a backend both know.
struct SharedState {
    group: &'static str,
    path: PathBuf,
    layout: RwLock<Arc<Layout>>,
    /// Set once by [`Backend::close`].
    closed: AtomicBool,
    /// The last known place in the feed.
    changes: watch::Sender<u64>,
}

impl SharedState {
    fn layout(&self) -> Arc<Layout> {
        self.layout.read().clone()
    }

    fn set_layout(&self, layout: Layout) {
        *self.layout.write() = Arc::new(layout);
    }

    /// Wakes the listeners when the feed has moved.
    fn announce(&self, last: u64) {
        self.changes.send_if_modified(|known| {
            let moved = *known != last;
            *known = last;
            moved
        });
    }
}

impl SqliteBackend {
    /// Opens `path`, and makes the file when there is none; its directory must be there. Refuses a file that is
    /// damaged, that belongs to another program, or that a newer program wrote. Blocks for the time of some file
    /// accesses.
    pub fn open(
        group: &'static str,
        path: &Path,
        clock: Arc<dyn Clock>,
        pool: ReaderPool,
    ) -> Result<Self, StoreError> {
        let state = Arc::new(SharedState {
            group,
            path: path.to_owned(),
            layout: RwLock::new(Arc::new(Layout::default())),
            closed: AtomicBool::new(false),
            changes: watch::Sender::new(0),
        });
        let (jobs, waiting) = mpsc::channel();
        Writer::open(state.clone(), clock)?
            .start(waiting)
            .map_err(StoreError::unavailable)?;
        Ok(Self {
            readers: Arc::new(Readers::new(path)),
            state,
            pool,
            jobs,
        })
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let closed = || StoreError::unavailable("the store is closed");
        if self.state.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        self.jobs.send(job).map_err(|_| closed())
    }

    /// Runs a read on the pool.
    async fn pooled<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (readers, state) = (self.readers.clone(), self.state.clone());
        self.pool
            .run(move || readers.run(read).map_err(|error| told(&state.path, error)))
            .await
    }
}

/// The statements of a page.
pub(crate) fn page_statements(collection: &Collection, query: &RawQuery) -> Result<Vec<String>, StoreError> {
    let parts = select::page(collection, query)?;
    Ok(parts.into_iter().map(|part| part.sql).collect())
}

fn told(path: &Path, error: ReadError) -> StoreError {
    match error {
        ReadError::Engine(error) => failure::working(path, error),
        ReadError::Other(error) => error,
    }
}

#[async_trait]
impl Backend for SqliteBackend {
    async fn prepare(&self, collections: &[&'static Collection]) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let collections = collections.to_vec();
        self.send(Job::Prepare { collections, reply })?;
        answer
            .await
            .unwrap_or_else(|_| Err(StoreError::unavailable("the preparation was broken off")))
    }

    async fn migrations(&self) -> Result<Vec<Migration>, StoreError> {
        self.pooled(read::migrations).await
    }

    async fn get(&self, collection: &Collection, id: Uuid) -> Result<Option<RawDocument>, StoreError> {
        let layout = self.state.layout();
        let table = layout.table(collection.name())?;
        self.readers
            .run(|connection| read::get(connection, table, id))
            .map_err(|error| told(&self.state.path, error))
    }

    async fn scan(
        &self,
        collection: &Collection,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<RawDocument>, StoreError> {
        let name = collection.name().to_owned();
        self.pooled(move |connection| read::scan(connection, &name, after, limit))
            .await
    }

    async fn find(&self, collection: &Collection, query: &RawQuery) -> Result<Vec<RawDocument>, StoreError> {
        let (parts, limit) = (select::page(collection, query)?, query.limit as usize);
        self.pooled(move |connection| read::find(connection, &parts, limit))
            .await
    }

    async fn count(&self, collection: &Collection, query: &RawQuery, cap: u64) -> Result<u64, StoreError> {
        let select = select::count(collection, query, cap)?;
        self.pooled(move |connection| read::count(connection, &select))
            .await
    }

    async fn commit(&self, batch: RawBatch) -> Result<Committed, StoreError> {
        let encoded = encode(&self.state.layout(), &batch)?;
        let (reply, answer) = oneshot::channel();
        self.send(Job::Commit(Commit {
            raw: batch,
            encoded,
            reply,
        }))?;
        match answer.await {
            Ok(answer) => answer.outcome,
            Err(_) => Err(StoreError::OutcomeUnknown {
                cause: Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(
                    "the writer stopped before it had an answer",
                )),
            }),
        }
    }

    async fn feed(&self, after: u64, limit: u32) -> Result<Vec<EventEnvelope>, StoreError> {
        let group = self.state.group;
        self.pooled(move |connection| read::feed(connection, group, after, limit))
            .await
    }

    async fn last_seq(&self) -> Result<u64, StoreError> {
        self.pooled(|connection| Ok(read::last_seq(connection)?)).await
    }

    fn feed_changes(&self) -> watch::Receiver<u64> {
        let receiver = self.state.changes.subscribe();
        // When the writer is gone, nothing will change any more.
        let _ = self.send(Job::Listen);
        receiver
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.readers
            .run(|connection| {
                connection
                    .prepare_cached("SELECT count(*) FROM sqlite_schema")
                    .and_then(|mut statement| statement.query_row([], |_| Ok(())))
                    .map_err(ReadError::from)
            })
            .map_err(|error| told(&self.state.path, error))
    }

    fn describe(&self) -> String {
        format!("SQLite at {}", self.state.path.display())
    }

    async fn close(&self) {
        if self.state.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        self.readers.close();
        let (reply, answer) = oneshot::channel();
        if self.jobs.send(Job::Close { reply }).is_ok() {
            // No answer means that the writer is gone already.
            let _ = answer.await;
        }
    }
}
