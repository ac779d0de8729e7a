use crate::stage::{Process, Stage, eventually};
use async_trait::async_trait;
use events::{Failure, Watch, WatchState, Watcher};
use kernel::{CallContext, EventEnvelope, TenantId};
use parking_lot::Mutex;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// Knows every amount, the first from a snapshot.
#[derive(Default)]
struct Known {
    seqs: Mutex<Vec<u64>>,
    snapshots: AtomicU32,
}

struct Amounts {
    known: Arc<Known>,
    bank: store::Store,
}

#[async_trait]
impl Watcher for Amounts {
    fn name(&self) -> &'static str {
        "amounts"
    }

    async fn snapshot(&self, _cx: &CallContext) -> Result<u64, Failure> {
        let last = self.bank.last_seq().await?;
        *self.known.seqs.lock() = (1..=last).collect();
        self.known.snapshots.fetch_add(1, Ordering::SeqCst);
        Ok(last)
    }

    fn apply(&self, event: &EventEnvelope) {
        self.known.seqs.lock().push(event.seq);
    }
}

fn start(process: &Process) -> (Arc<Known>, Watch) {
    let known = Arc::new(Known::default());
    let amounts = Amounts {
        known: known.clone(),
        bank: process.bank.clone(),
    };
    let watch = events::watch(
        &process.tasks,
        process.books.sources(),
        &process.metrics,
        "books",
        process.bank_feed.clone(),
        Arc::new(amounts),
    );
    (known, watch)
}

#[tokio::test]
async fn a_watcher_has_the_snapshot_and_then_what_is_new() {
    let process = Stage::new().process().await;
    process.deposit(1..=2).await;
    process.bank_has(2).await;
    let (known, watch) = start(&process);
    tokio::time::timeout(Duration::from_secs(10), watch.fresh())
        .await
        .unwrap();
    assert_eq!(*known.seqs.lock(), [1, 2]);
    process.bank_event("door.opened", 3, TenantId::DEFAULT).await;
    eventually("the live event", || async { *known.seqs.lock() == [1, 2, 3] }).await;
    process.stop().await;
}

#[tokio::test]
async fn a_watcher_says_when_it_hears_nothing_and_misses_nothing_of_it() {
    let process = Stage::new().process().await;
    process.bank_feed.unbind();
    let (known, watch) = start(&process);
    assert_eq!(watch.state(), WatchState::Starting);
    process.bind_bank();
    tokio::time::timeout(Duration::from_secs(10), watch.fresh())
        .await
        .unwrap();

    process.bank_feed.unbind();
    process.deposit([1]).await;
    eventually("the break", || async {
        matches!(watch.state(), WatchState::Broken { .. })
    })
    .await;
    let metric = |value: u8| format!("events_watch_fresh{{watcher=\"amounts\",feed=\"bank\"}} {value}\n");
    assert!(process.exposed().contains(&metric(0)));
    process.deposit([2]).await;

    process.bind_bank();
    tokio::time::timeout(Duration::from_secs(10), watch.fresh())
        .await
        .unwrap();
    assert!(process.exposed().contains(&metric(1)));
    assert_eq!(*known.seqs.lock(), [1, 2]);
    assert_eq!(known.snapshots.load(Ordering::SeqCst), 1);
}
