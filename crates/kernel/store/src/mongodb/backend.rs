//! The engine itself: each operation handed to the kernel runtime.

use super::{
    MongoCluster, calls::Calls, changes::Signals, commit::Writer, document, failure, fields::Known,
    migrations::Migrations, names, outbox, query, schema::Preparation, sequencer::Sequencer,
};
use crate::{
    Collection, StoreError,
    backend::{Backend, Committed, Migration, RawBatch, RawDocument, RawQuery},
};
use async_trait::async_trait;
use bson::{Document, doc};
use futures::TryStreamExt;
use kernel::{Clock, EventEnvelope};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::watch;
use uuid::Uuid;

/// One group's namespace on MongoDB. From [`MongoCluster::group`].
///
/// Documents are majority-committed and journalled when a commit answers. Events are numbered a moment later by a
/// sequencer that runs in every process which opened the store, one at a time.
pub struct MongoBackend {
    cluster: Arc<MongoCluster>,
    group: &'static str,
    calls: Calls,
    signals: Arc<Signals>,
    sequencing: AtomicBool,
    listening: AtomicBool,
    clock: Arc<dyn Clock>,
    known: Arc<Known>,
}

impl MongoBackend {
    pub(super) fn new(cluster: Arc<MongoCluster>, group: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self {
            calls: Calls::on(cluster.runtime().clone()),
            cluster,
            group,
            signals: Signals::new(),
            sequencing: AtomicBool::new(false),
            listening: AtomicBool::new(false),
            clock,
            known: Arc::default(),
        }
    }

    fn named(&self, name: &str) -> mongodb::Collection<Document> {
        self.cluster.database().collection(name)
    }

    fn stored(&self, collection: &Collection) -> mongodb::Collection<Document> {
        self.named(&names::collection(self.group, collection))
    }

    fn outbox(&self) -> mongodb::Collection<Document> {
        self.named(&names::outbox(self.group))
    }

    fn start_sequencer(&self) {
        if self.sequencing.swap(true, Ordering::SeqCst) {
            return;
        }
        let leases = self.named(&names::sequencer(self.group));
        let sequencer = Sequencer::new(
            self.cluster.database(),
            self.outbox(),
            leases,
            self.signals.clone(),
        );
        self.calls.beside(sequencer.run(self.calls.closed()));
    }

    fn start_listening(&self) {
        if self.listening.swap(true, Ordering::SeqCst) {
            return;
        }
        self.cluster.changes().listen(self.group, &self.signals);
        let (database, group) = (self.cluster.database().clone(), self.group);
        let (known, signals, closed) = (self.known.clone(), self.signals.clone(), self.calls.closed());
        self.calls.beside(async move {
            loop {
                tokio::select! {
                    () = closed.cancelled() => return,
                    () = signals.schema_changed() => {}
                }
                if let Err(cause) = known.refresh(&database, group).await {
                    tracing::warn!(?cause, group, "newly declared fields are not known yet");
                }
            }
        });
    }

    fn schema_migrations(&self) -> Migrations {
        Migrations::new(self.named(&names::migrations(self.group)), self.clock.clone())
    }
}

#[async_trait]
impl Backend for MongoBackend {
    async fn prepare(&self, collections: &[&'static Collection]) -> Result<(), StoreError> {
        let database = self.cluster.database().clone();
        let (group, outbox, collections) = (self.group, self.outbox(), collections.to_vec());
        let (migrations, known) = (self.schema_migrations(), self.known.clone());
        // Announcements of newer processes are heard from the beginning.
        self.start_listening();
        self.calls
            .opening(async move {
                let preparation = Preparation {
                    database: &database,
                    group,
                    outbox,
                    migrations,
                    known: &known,
                };
                preparation.run_to_its_end(&collections).await
            })
            .await?;
        self.start_sequencer();
        Ok(())
    }

    async fn migrations(&self) -> Result<Vec<Migration>, StoreError> {
        let migrations = self.schema_migrations();
        self.calls.read(async move { migrations.all().await }).await
    }

    async fn get(&self, collection: &Collection, id: Uuid) -> Result<Option<RawDocument>, StoreError> {
        let stored = self.stored(collection);
        self.calls
            .read(async move {
                let found = stored
                    .find_one(doc! { "_id": super::json::uuid_to_bson(id) })
                    .await
                    .map_err(|error| failure::of_read(&error))?;
                found.map(document::decode).transpose()
            })
            .await
    }

    async fn scan(
        &self,
        collection: &Collection,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<RawDocument>, StoreError> {
        let stored = self.stored(collection);
        let filter = after.map_or_else(Document::new, |after| {
            doc! { "_id": { "$gt": super::json::uuid_to_bson(after) } }
        });
        self.calls
            .read(async move {
                let found: Vec<Document> = stored
                    .find(filter)
                    .sort(doc! { "_id": 1 })
                    .limit(i64::from(limit))
                    .await
                    .map_err(|error| failure::of_read(&error))?
                    .try_collect()
                    .await
                    .map_err(|error| failure::of_read(&error))?;
                found.into_iter().map(document::decode).collect()
            })
            .await
    }

    async fn find(&self, collection: &Collection, query: &RawQuery) -> Result<Vec<RawDocument>, StoreError> {
        let Some(plan) = query::plan(collection, query)?.filter(|_| query.limit > 0) else {
            return Ok(Vec::new());
        };
        let (stored, limit) = (self.stored(collection), i64::from(query.limit));
        self.calls
            .read(async move {
                let found: Vec<Document> = stored
                    .find(plan.filter)
                    .sort(plan.sort)
                    .limit(limit)
                    .await
                    .map_err(|error| failure::of_read(&error))?
                    .try_collect()
                    .await
                    .map_err(|error| failure::of_read(&error))?;
                found.into_iter().map(document::decode).collect()
            })
            .await
    }

    async fn count(&self, collection: &Collection, query: &RawQuery, cap: u64) -> Result<u64, StoreError> {
        let Some(plan) = query::plan(collection, query)?.filter(|_| cap > 0) else {
            return Ok(0);
        };
        let stored = self.stored(collection);
        self.calls
            .read(async move {
                stored
                    .count_documents(plan.filter)
                    .limit(cap)
                    .await
                    .map_err(|error| failure::of_read(&error))
            })
            .await
    }

    async fn commit(&self, batch: RawBatch) -> Result<Committed, StoreError> {
        let writer = Writer::new(
            self.cluster.client(),
            self.cluster.database(),
            self.group,
            &self.known,
        );
        let events = !batch.events.is_empty();
        let signals = self.signals.clone();
        self.calls
            .write(async move {
                let outcome = writer.commit(batch).await;
                if events {
                    signals.wake_sequencer();
                }
                outcome
            })
            .await?;
        Ok(Committed::default())
    }

    async fn feed(&self, after: u64, limit: u32) -> Result<Vec<EventEnvelope>, StoreError> {
        let (rows, group) = (self.outbox(), self.group);
        self.calls
            .read(async move { outbox::feed(&rows, group, after, limit).await })
            .await
    }

    async fn last_seq(&self) -> Result<u64, StoreError> {
        let rows = self.outbox();
        self.calls
            .read(async move { outbox::last_seq(&rows).await })
            .await
    }

    fn feed_changes(&self) -> watch::Receiver<u64> {
        self.signals.subscribe()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let database = self.cluster.database().clone();
        self.calls
            .read(async move {
                database
                    .run_command(doc! { "ping": 1 })
                    .await
                    .map(drop)
                    .map_err(|error| failure::of_read(&error))
            })
            .await
    }

    fn describe(&self) -> String {
        self.cluster.describe()
    }

    async fn close(&self) {
        self.cluster.changes().forget(self.group, &self.signals);
        self.calls.close().await;
    }
}

impl Drop for MongoBackend {
    fn drop(&mut self) {
        self.cluster.changes().forget(self.group, &self.signals);
        self.calls.closed().cancel();
    }
}

impl std::fmt::Debug for MongoBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MongoBackend")
            .field("group", &self.group)
            .field("place", &self.cluster.describe())
            .finish()
    }
}
