//! Durable commits per second at 1 and 32 callers, beside plain SQLite with one transaction per insert.
//!
//! `cargo run --release -p store --example commit_throughput [directory]`: the directory must lie on the disk that is
//! to be measured.

#![allow(clippy::print_stdout, reason = "printing is what it is for")]
#![allow(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "rates are for people"
)]

use kernel::{CallContext, Sources, Tasks, TenantId};
use serde::{Deserialize, Serialize};
use std::{
    error::Error,
    path::Path,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use store::{
    Collection, Document, FieldKind, Keyring, ReaderPool, Scoping, SqliteBackend, Store, StoreError,
    StoreParts,
};

const SPAN: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    account: String,
    amount: String,
    text: String,
}

impl Document for Entry {
    fn collection() -> &'static Collection {
        static ENTRIES: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("entries", Scoping::Tenant)
                .field("account", FieldKind::Text)
                .serves(&["account"], &["created_at"])
        });
        &ENTRIES
    }
}

fn entry() -> Entry {
    Entry {
        account: "savings".into(),
        amount: "1250.00".into(),
        text:
            "Salary of a month, paid by transfer to the account that was named when the contract was signed"
                .into(),
    }
}

async fn open(path: &Path) -> Result<Store, StoreError> {
    let sources = Sources::system();
    let backend = SqliteBackend::open("bank", path, sources.clock().clone(), ReaderPool::of_process()?)?;
    Store::open(StoreParts {
        group: "bank",
        backend: Arc::new(backend),
        keyring: Arc::new(Keyring::new(&[("k".to_owned(), [1; 32])])?),
        sources,
        collections: vec![Entry::collection()],
    })
    .await
}

/// Commits through the store.
async fn grouped(path: &Path, callers: usize) -> Result<f64, Box<dyn Error>> {
    let store = open(path).await?;
    let (tasks, count) = (Tasks::new(), Arc::new(AtomicU64::new(0)));
    let start = Instant::now();
    let workers: Vec<_> = (0..callers)
        .map(|_| {
            let (store, count) = (store.clone(), count.clone());
            tasks.spawn(async move {
                let cx = CallContext::system("bank", TenantId::DEFAULT, store.sources().ids());
                while start.elapsed() < SPAN {
                    let mut batch = store.batch(&cx);
                    batch.insert(store.sources().ids().next::<uuid::Uuid>(), entry());
                    store.commit(batch).await?;
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    let rate = count.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
    store.close().await;
    Ok(rate)
}

/// The same rows with the same indexes, each in a transaction of its own on one shared connection.
async fn naive(path: &Path, callers: usize) -> Result<f64, Box<dyn Error>> {
    let store = open(path).await?;
    let sources = store.sources().clone();
    store.close().await;
    let connection = rusqlite::Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let (connection, count) = (Mutex::new(connection), AtomicU64::new(0));
    let start = Instant::now();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..callers)
            .map(|_| scope.spawn(|| -> Result<(), rusqlite::Error> {
                while start.elapsed() < SPAN {
                    let id = sources.ids().next::<uuid::Uuid>();
                    let body = serde_json::to_string(&entry()).unwrap_or_default();
                    let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                    connection
                        .prepare_cached(
                            "INSERT INTO entries (id, version, tenant_id, created_at, updated_at, body, account) \
                             VALUES (?, 1, ?, ?, ?, jsonb(?), 'savings')",
                        )?
                        .execute((
                            id.as_bytes().as_slice(),
                            TenantId::DEFAULT.0.as_bytes().as_slice(),
                            sources.now().timestamp_millis(),
                            sources.now().timestamp_millis(),
                            body,
                        ))?;
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            }))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or(Ok(())))
    })?;
    Ok(count.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let place = std::env::args()
        .nth(1)
        .map_or_else(std::env::temp_dir, Into::into);
    let directory = tempfile::tempdir_in(place)?;
    let file = |name: &str| directory.path().join(name);
    for round in 1..=2 {
        for callers in [1, 32] {
            let plain = naive(&file(&format!("naive-{callers}-{round}")), callers).await?;
            let ours = grouped(&file(&format!("store-{callers}-{round}")), callers).await?;
            println!(
                "{callers:>2} callers: store {ours:>7.0} commits/s, plain SQLite {plain:>7.0}, ratio {:.2}",
                ours / plain
            );
        }
    }
    Ok(())
}
