//! Durable commits per second at 1, 32 and 256 callers, beside plain SQLite with one transaction per insert and beside
//! what the disk alone can do.
//!
//! `cargo run --release -p store --example commit_throughput [directory] [seconds] [rounds]` prints one JSON object; the
//! directory must lie on the disk that is to be measured. The three take turns; figures are medians.

#![expect(
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "a program that prints figures"
)]

mod measure;

use kernel::{CallContext, Tasks, TenantId};
use measure::{entry, median, open_file};
use serde_json::json;
use std::{
    error::Error,
    fs::File,
    os::unix::fs::FileExt,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use store::StoreError;

const CALLERS: [usize; 3] = [1, 32, 256];

/// Commits through the store.
async fn grouped(path: &Path, callers: usize, span: Duration) -> Result<f64, Box<dyn Error>> {
    let store = open_file(path).await?;
    let (tasks, count) = (Tasks::new(), Arc::new(AtomicU64::new(0)));
    let start = Instant::now();
    let workers: Vec<_> = (0..callers)
        .map(|_| {
            let (store, count) = (store.clone(), count.clone());
            tasks.spawn(async move {
                let cx = CallContext::system("bank", TenantId::DEFAULT, store.sources().ids());
                while start.elapsed() < span {
                    let mut batch = store.batch(&cx);
                    batch.insert(store.sources().ids().next::<uuid::Uuid>(), entry("savings", 1));
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
async fn naive(path: &Path, callers: usize, span: Duration) -> Result<f64, Box<dyn Error>> {
    let store = open_file(path).await?;
    let sources = store.sources().clone();
    store.close().await;
    let connection = rusqlite::Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let (connection, count) = (Mutex::new(connection), AtomicU64::new(0));
    let start = Instant::now();
    let insert = || -> Result<(), rusqlite::Error> {
        let id = sources.ids().next::<uuid::Uuid>();
        let body = serde_json::to_string(&entry("savings", 1)).unwrap_or_default();
        let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection
            .prepare_cached(
                "INSERT INTO entries (id, version, tenant_id, created_at, updated_at, body, account, place) \
                 VALUES (?, 1, ?, ?, ?, jsonb(?), 'savings', 1)",
            )?
            .execute((
                id.as_bytes().as_slice(),
                TenantId::DEFAULT.0.as_bytes().as_slice(),
                sources.now().timestamp_millis(),
                sources.now().timestamp_millis(),
                body,
            ))?;
        count.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };
    std::thread::scope(|scope| {
        let work = || {
            while start.elapsed() < span {
                insert()?;
            }
            Ok(())
        };
        let workers: Vec<_> = (0..callers).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or(Ok::<_, rusqlite::Error>(())))
    })?;
    Ok(count.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64())
}

/// How often a page can be put on the disk, one after the other: what no single caller can beat.
fn syncs(path: &Path, span: Duration) -> Result<f64, Box<dyn Error>> {
    let file = File::create(path)?;
    let (start, mut count) = (Instant::now(), 0_u32);
    while start.elapsed() < span {
        file.write_all_at(&[7; 4096], u64::from(count) * 4096)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let place = arguments.next().map_or_else(std::env::temp_dir, Into::into);
    let span = Duration::from_secs_f64(arguments.next().map_or(Ok(2.0), |text| text.parse())?);
    let rounds: usize = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let directory = tempfile::tempdir_in(place)?;
    let file = |name: &str| directory.path().join(name);
    let mut disk = Vec::new();
    let mut figures = CALLERS.map(|callers| (callers, Vec::new(), Vec::new(), Vec::new()));
    for round in 1..=rounds {
        disk.push(syncs(&file(&format!("raw-{round}")), span / 2)?);
        for (callers, plain, ours, ratios) in &mut figures {
            let one = naive(&file(&format!("naive-{callers}-{round}")), *callers, span).await?;
            let other = grouped(&file(&format!("store-{callers}-{round}")), *callers, span).await?;
            plain.push(one);
            ours.push(other);
            ratios.push(other / one);
        }
    }
    let callers = figures.map(|(callers, plain, ours, ratios)| {
        json!({
            "callers": callers,
            "naive_per_s": median(plain),
            "store_per_s": median(ours),
            "ratio": median(ratios),
        })
    });
    println!(
        "{:#}",
        json!({ "fdatasync_per_s": median(disk), "commits": callers })
    );
    Ok(())
}
