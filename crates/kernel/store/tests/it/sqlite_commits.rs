//! Group commit, keys and the feed under many callers.

use crate::sqlite_fixture::{Account, cx, event, file_of, fresh, keyring, open};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use kernel::{CallError, Clock, IdempotencyKey, ManualClock, Sources, SystemClock, SystemEntropy};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};
use store::{Backend, Document, ReaderPool, SqliteBackend, Store, StoreError, StoreParts};
use uuid::Uuid;

#[derive(Debug, thiserror::Error)]
enum EffectError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Call(#[from] CallError),
}

#[tokio::test]
async fn a_refused_batch_does_not_touch_its_neighbours_in_the_group() {
    let (_directory, store) = fresh().await;
    let cx = cx(&store);
    // Half of them want a number that another one has; all are sent at once, so that they share transactions.
    let commits = (0..100_u64).map(|n| {
        let (store, cx) = (store.clone(), cx.clone());
        async move {
            let mut batch = store.batch(&cx);
            batch.event(event(&cx, n));
            batch.insert(
                Uuid::from_u128(u128::from(n) + 1),
                Account::new(&(n / 2).to_string(), "1"),
            );
            store.commit(batch).await
        }
    });
    let answers = join_all(commits).await;
    let done: Vec<u64> = answers
        .iter()
        .flatten()
        .map(|done| done.last_seq.unwrap())
        .collect();
    assert_eq!(done.len(), 50);
    assert!(
        answers
            .iter()
            .filter_map(|answer| answer.as_ref().err())
            .all(StoreError::is_lost_race)
    );
    let feed = store.feed(0, 1_000).await.unwrap();
    assert_eq!(
        feed.iter().map(|event| event.seq).collect::<Vec<_>>(),
        (1..=50).collect::<Vec<_>>()
    );
    for event in feed {
        let id = Uuid::from_u128(u128::from(event.data["n"].as_u64().unwrap()) + 1);
        assert!(store.get_anywhere::<Account>(id).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_batch_is_written_whole_or_not_at_all() {
    let (_directory, store) = fresh().await;
    let cx = cx(&store);
    let mut batch = store.batch(&cx);
    let first = batch.insert(Uuid::from_u128(1), Account::new("1", "1"));
    store.commit(batch).await.unwrap();
    let mut batch = store.batch(&cx);
    batch.replace(&first.changed(|account| account.balance = 9.into()));
    store.commit(batch).await.unwrap();
    let mut batch = store.batch(&cx);
    batch.insert(
        Uuid::from_u128(2),
        Account {
            tags: vec!["t".into()],
            ..Account::new("2", "1")
        },
    );
    batch.event(event(&cx, 2));
    batch.require(&first);
    assert!(matches!(
        store.commit(batch).await,
        Err(StoreError::VersionConflict { .. })
    ));
    assert!(
        store
            .get_anywhere::<Account>(Uuid::from_u128(2))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(store.last_seq().await.unwrap(), 0);
}

/// An effect that opens an account, counted.
async fn open_account(
    store: &Store,
    key: &str,
    number: &str,
    runs: &AtomicU32,
) -> Result<String, EffectError> {
    let cx = cx(store);
    let key = IdempotencyKey::parse(key)?;
    store
        .once(&cx, "open", &key, &number, |mut batch| {
            runs.fetch_add(1, Ordering::Relaxed);
            let answer = format!("opened {number}");
            batch.insert(store.sources().ids().next::<Uuid>(), Account::new(number, "1"));
            batch.event(event(&cx, 1));
            async move { Ok((batch, answer)) }
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_from_many_callers_makes_one_effect_and_one_answer() {
    let (_directory, store) = fresh().await;
    let runs = Arc::new(AtomicU32::new(0));
    let tasks = kernel::Tasks::new();
    let callers: Vec<_> = (0..32)
        .map(|_| {
            let (store, runs) = (store.clone(), runs.clone());
            tasks.spawn(async move { open_account(&store, "key", "7", &runs).await })
        })
        .collect();
    for caller in callers {
        match caller.await.unwrap() {
            Ok(answer) => assert_eq!(answer, "opened 7"),
            // Its number was taken by the one that won, before this one saw the key.
            Err(EffectError::Store(StoreError::Duplicate { fields, .. })) => assert_eq!(fields, ["number"]),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(store.last_seq().await.unwrap(), 1);
    assert_eq!(open_account(&store, "key", "7", &runs).await.unwrap(), "opened 7");
    let reused = open_account(&store, "key", "8", &runs).await.unwrap_err();
    assert!(
        matches!(reused, EffectError::Call(CallError::KeyReused)),
        "{reused:?}"
    );
}

#[tokio::test]
async fn an_expired_key_may_be_used_for_something_else() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let sources = Sources::new(clock.clone(), Arc::new(SystemEntropy));
    let pool = ReaderPool::new(2).unwrap();
    let backend = SqliteBackend::open("bank", &file_of(directory.path()), clock.clone(), pool).unwrap();
    let store = Store::open(StoreParts {
        group: "bank",
        backend: Arc::new(backend),
        keyring: keyring(),
        sources,
        collections: vec![Account::collection()],
    })
    .await
    .unwrap();
    let runs = AtomicU32::new(0);
    open_account(&store, "key", "1", &runs).await.unwrap();
    clock.set(clock.now() + TimeDelta::days(29));
    assert!(open_account(&store, "key", "2", &runs).await.is_err());
    clock.set(clock.now() + TimeDelta::days(2));
    assert_eq!(open_account(&store, "key", "2", &runs).await.unwrap(), "opened 2");
    assert_eq!(open_account(&store, "key", "2", &runs).await.unwrap(), "opened 2");
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_listener_hears_of_commits_by_another_backend_and_by_its_own() {
    let (directory, listening) = fresh().await;
    let other = open(directory.path()).await;
    for (n, writer) in [(1, &other), (2, &listening), (3, &other)] {
        let mut changes = listening.feed_changes();
        let cx = cx(writer);
        let mut batch = writer.batch(&cx);
        batch.event(event(&cx, n));
        writer.commit(batch).await.unwrap();
        tokio::time::timeout(Duration::from_secs(10), changes.wait_for(|last| *last >= n))
            .await
            .expect("nobody woke the listener")
            .unwrap();
        assert_eq!(listening.last_seq().await.unwrap(), n);
    }
}

/// A clock that panics the first time that the writer asks it.
struct BrokenOnce(AtomicBool);

impl Clock for BrokenOnce {
    fn now(&self) -> DateTime<Utc> {
        assert!(self.0.swap(true, Ordering::Relaxed), "planted");
        SystemClock.now()
    }
}

#[tokio::test]
async fn a_panic_in_the_writer_is_answered_and_the_writer_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(BrokenOnce(AtomicBool::new(false)));
    let backend = SqliteBackend::open(
        "bank",
        &file_of(directory.path()),
        clock,
        ReaderPool::new(1).unwrap(),
    )
    .unwrap();
    let collections = [Account::collection()];
    let broken = tokio::time::timeout(Duration::from_secs(20), backend.prepare(&collections))
        .await
        .unwrap();
    assert!(
        matches!(broken, Err(StoreError::Unavailable { .. })),
        "{broken:?}"
    );
    backend.prepare(&collections).await.unwrap();
    assert_eq!(backend.last_seq().await.unwrap(), 0);
}

#[tokio::test]
async fn closing_finishes_what_waits_and_refuses_what_comes_later() {
    let (directory, store) = fresh().await;
    let cx = cx(&store);
    let commits = (1..=20_u64).map(|n| {
        let mut batch = store.batch(&cx);
        batch.event(event(&cx, n));
        store.commit(batch)
    });
    let (answers, ()) = futures::future::join(join_all(commits), store.close()).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let mut late = store.batch(&cx);
    late.event(event(&cx, 99));
    assert!(matches!(
        store.commit(late).await,
        Err(StoreError::Unavailable { .. })
    ));
    assert!(matches!(
        store.get_anywhere::<Account>(Uuid::from_u128(1)).await,
        Err(StoreError::Unavailable { .. })
    ));
    assert_eq!(open(directory.path()).await.last_seq().await.unwrap(), 20);
}

#[tokio::test]
async fn a_lock_that_another_program_keeps_makes_the_store_unavailable_and_not_stuck() {
    let (directory, store) = fresh().await;
    let cx = cx(&store);
    let other = rusqlite::Connection::open(file_of(directory.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let commits = (1..=3_u64).map(|n| {
        let mut batch = store.batch(&cx);
        batch.event(event(&cx, n));
        store.commit(batch)
    });
    for answer in join_all(commits).await {
        assert!(
            matches!(answer, Err(StoreError::Unavailable { .. })),
            "{answer:?}"
        );
    }
    other.execute_batch("ROLLBACK").unwrap();
    let mut batch = store.batch(&cx);
    batch.event(event(&cx, 4));
    assert_eq!(store.commit(batch).await.unwrap().last_seq, Some(1));
}
