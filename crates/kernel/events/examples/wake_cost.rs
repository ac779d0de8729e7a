//! How long it takes from the commit of an event until its consumer's effect is committed, on SQLite, in one process.
//!
//! `cargo run --release -p events --example wake_cost [directory]` prints one JSON object, in milliseconds; the directory
//! must lie on the disk that is to be measured.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "a program that prints figures"
)]

use async_trait::async_trait;
use events::{EventFeedClient, EventMetrics, Failure, Projection, Projector, StoreFeed};
use kernel::{CallContext, EventEnvelope, NewEvent, Sources, Tasks, TenantId};
use prometheus_client::registry::Registry;
use rpc::Seam;
use serde::{Deserialize, Serialize};
use std::{
    path::Path,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};
use store::{Batch, Collection, Document, Keyring, ReaderPool, Scoping, SqliteBackend, Store, StoreParts};
use tokio::sync::watch;

/// How many events are followed, one after the other.
const EVENTS: u64 = 1000;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    n: u64,
}

impl Document for Note {
    fn collection() -> &'static Collection {
        static NOTES: LazyLock<Collection> = LazyLock::new(|| Collection::new("notes", Scoping::Tenant));
        &NOTES
    }
}

/// Writes a note of each event.
struct Writer(Store);

#[async_trait]
impl Projection for Writer {
    fn name(&self) -> &'static str {
        "writer"
    }

    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        let mut batch = self.0.batch(cx);
        batch.insert(event.id, Note { n: event.seq });
        batch.event(NewEvent::new(cx, "note.written", "note", serde_json::json!({})).caused_by(event.id));
        Ok(batch)
    }
}

async fn open(directory: &Path, group: &'static str) -> Store {
    let sources = Sources::system();
    let path = directory.join(format!("{group}.sqlite3"));
    let pool = ReaderPool::of_process().unwrap();
    let mut collections = events::collections();
    collections.push(Note::collection());
    Store::open(StoreParts {
        group,
        backend: Arc::new(SqliteBackend::open(group, &path, sources.clock().clone(), pool).unwrap()),
        keyring: Arc::new(Keyring::new(&[("example".to_owned(), [7; 32])]).unwrap()),
        sources,
        collections,
    })
    .await
    .unwrap()
}

async fn commit_event(store: &Store) {
    let cx = CallContext::system(store.group(), TenantId::DEFAULT, store.sources().ids());
    let mut batch = store.batch(&cx);
    batch.event(NewEvent::new(
        &cx,
        "money.deposited",
        "deposit",
        serde_json::json!({ "amount": 1 }),
    ));
    store.commit(batch).await.unwrap();
}

async fn until(changes: &mut watch::Receiver<u64>, seq: u64) {
    changes.wait_for(|last| *last >= seq).await.unwrap();
}

fn percentiles(mut samples: Vec<Duration>) -> serde_json::Value {
    samples.sort();
    let at = |percent: usize| samples[(samples.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    serde_json::json!({ "p50_ms": at(50), "p99_ms": at(99), "max_ms": at(100) })
}

#[tokio::main]
async fn main() {
    let place = std::env::args()
        .nth(1)
        .map_or_else(std::env::temp_dir, Into::into);
    let directory = tempfile::tempdir_in(place).unwrap();
    let (bank, books) = (
        open(directory.path(), "bank").await,
        open(directory.path(), "books").await,
    );
    let (tasks, mut registry) = (Tasks::new(), Registry::default());
    let seam = Seam::new(tasks.clone(), &mut registry);
    let metrics = EventMetrics::register(&mut registry);
    let feed = EventFeedClient::unbound(&seam, "bank");
    let producer = Projector::new(bank.clone(), tasks.clone(), metrics.clone());
    feed.bind_local(Arc::new(StoreFeed::new(producer)));
    let consumer = Projector::new(books.clone(), tasks.clone(), metrics);
    consumer.run(Arc::new(Writer(books.clone())), [feed]);

    let (mut written, mut bank_feed) = (books.feed_changes(), bank.feed_changes());
    let (mut commits, mut wakes, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for seq in 1..=EVENTS {
        let started = Instant::now();
        commit_event(&bank).await;
        let committed = Instant::now();
        until(&mut bank_feed, seq).await;
        seen.push(committed.elapsed());
        until(&mut written, seq).await;
        commits.push(committed - started);
        wakes.push(committed.elapsed());
    }
    println!(
        "{:#}",
        serde_json::json!({
            "events": EVENTS,
            "commit": percentiles(commits),
            "commit_to_listener": percentiles(seen),
            "commit_to_effect_on_disk": percentiles(wakes),
        })
    );
    tasks.stop(Duration::from_secs(5)).await;
}
