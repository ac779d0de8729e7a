//! Lost answers, cut connections, conflicts and a server that steps down: an acknowledged commit stands once, and one
//! that was not acknowledged stands once or not at all.

use super::proxy::Proxy;
use crate::conformance::{
    place::{Handle, Place, cx, driver, feed_of, id},
    samples::{Counter, Login, counted},
};
use bson::{Document as Bson, doc};
use store::{Document, Query, StoreError};

/// Arms a fail point of the server for the connections of one handle alone.
async fn fail(application: &str, mode: Bson, commands: &[&str], mut data: Bson) {
    data.insert("failCommands", commands.to_vec());
    data.insert("appName", application);
    let command = doc! { "configureFailPoint": "failCommand", "mode": mode, "data": data };
    let client = driver().await;
    client
        .database("admin")
        .run_command(command)
        .await
        .expect("the server needs its test commands: start it with --enable-test-commands");
}

async fn heal() {
    let command = doc! { "configureFailPoint": "failCommand", "mode": "off" };
    driver()
        .await
        .database("admin")
        .run_command(command)
        .await
        .unwrap();
}

/// A counter and an event, so that a transaction is needed.
async fn write(handle: &Handle, n: u128) -> Result<(), StoreError> {
    let cx = cx(handle);
    let mut batch = handle.batch(&cx);
    batch.insert(id(n), Counter { value: 1 });
    batch.event(counted(&cx, u64::try_from(n).unwrap()));
    handle.commit(batch).await.map(drop)
}

/// A counter alone, which one command writes.
async fn write_alone(handle: &Handle, n: u128) -> Result<(), StoreError> {
    let mut batch = handle.batch(&cx(handle));
    batch.insert(id(n), Counter { value: 1 });
    handle.commit(batch).await.map(drop)
}

async fn assert_once(handle: &Handle, counters: &[u128], events: usize) {
    let scope = cx(handle).scope().unwrap();
    let mut all: Vec<u128> = handle
        .find::<Counter>(&scope, Query::all())
        .await
        .unwrap()
        .items
        .iter()
        .map(|counter| counter.id.as_u128())
        .collect();
    all.sort_unstable();
    assert_eq!(all, counters);
    assert_eq!(feed_of(handle, events).await.len(), events);
}

/// All fail points in one test, one after the other: a server has only one of each kind.
#[tokio::test]
async fn faults_of_the_server_neither_double_nor_lose_a_commit() {
    let place = Place::mongodb();
    let name = place.database().to_owned();
    let handle = place.open_mongodb_as(&name, &[Counter::collection()]).await;
    let once = || doc! { "times": 1 };
    let labels = || doc! { "errorCode": 112, "errorLabels": ["TransientTransactionError"] };
    let mut n = 0;
    for (what, times, command, data) in [
        (
            "cut before the commit",
            1,
            "commitTransaction",
            doc! { "closeConnection": true },
        ),
        (
            "cut before the insert",
            1,
            "insert",
            doc! { "closeConnection": true },
        ),
        ("write conflicts", 4, "insert", labels()),
        ("a conflict at the commit", 2, "commitTransaction", labels()),
        ("no longer primary", 1, "insert", doc! { "errorCode": 10107 }),
        (
            "no longer primary at the commit",
            1,
            "commitTransaction",
            doc! { "errorCode": 10107 },
        ),
        (
            "stepped down at the commit",
            1,
            "commitTransaction",
            doc! { "errorCode": 11602 },
        ),
        (
            "not yet with the majority",
            1,
            "commitTransaction",
            doc! { "writeConcernError": { "code": 91, "errmsg": "the node is shutting down" } },
        ),
    ] {
        n += 1;
        fail(&name, doc! { "times": times }, &[command], data).await;
        write(&handle, n)
            .await
            .unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let all: Vec<u128> = (1..=n).collect();
        assert_once(&handle, &all, all.len()).await;
    }
    let events = usize::try_from(n).unwrap();
    for (what, data) in [
        ("cut", doc! { "closeConnection": true }),
        (
            "no longer primary",
            doc! { "errorCode": 10107, "errorLabels": ["RetryableWriteError"] },
        ),
    ] {
        n += 1;
        fail(&name, once(), &["insert"], data).await;
        write_alone(&handle, n)
            .await
            .unwrap_or_else(|error| panic!("{what}: {error:?}"));
        assert_once(&handle, &(1..=n).collect::<Vec<_>>(), events).await;
    }
    // A commit that is never answered: its caller is told so, in time.
    fail(
        &name,
        doc! { "times": 1_000_000 },
        &["commitTransaction"],
        doc! { "closeConnection": true },
    )
    .await;
    let begun = tokio::time::Instant::now();
    let unanswered = write(&handle, 90).await;
    assert!(
        matches!(unanswered, Err(StoreError::OutcomeUnknown { .. })),
        "{unanswered:?}"
    );
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    // Reading that fails says that the store is away, and works again when it is back.
    fail(
        &name,
        doc! { "times": 1_000_000 },
        &["find"],
        doc! { "closeConnection": true },
    )
    .await;
    let away = handle.get_anywhere::<Counter>(id(1)).await;
    assert!(matches!(away, Err(StoreError::Unavailable { .. })), "{away:?}");
    heal().await;
    write(&handle, 91).await.unwrap();
    assert!(handle.get_anywhere::<Counter>(id(1)).await.unwrap().is_some());
    let last = feed_of(&handle, events + 1).await;
    assert_eq!(last.last().unwrap().subject, "counter/91");
    // A server that goes away while a process starts, or is no longer the primary, is waited for.
    for data in [doc! { "closeConnection": true }, doc! { "errorCode": 10107 }] {
        fail(&name, doc! { "times": 3 }, &["createIndexes"], data).await;
        let late = place.open_mongodb_as(&name, &[Login::collection()]).await;
        assert_eq!(late.migrations().await.unwrap().first().unwrap().version, 1);
        assert!(late.get_anywhere::<Login>(id(1)).await.unwrap().is_none());
    }
    heal().await;
    place.dispose().await;
}

#[tokio::test]
async fn a_lost_answer_neither_doubles_nor_loses_a_commit() {
    let place = Place::mongodb();
    let proxy = Proxy::start().await;
    let handle = place
        .open_mongodb_at(&proxy.url(place.database()), &[Counter::collection()])
        .await;
    let mut n = 0;
    for _ in 0..3 {
        n += 1;
        proxy.swallow_answers_to(b"commitTransaction\0", 1);
        write(&handle, n).await.unwrap();
        assert_eq!(proxy.left(), 0);
    }
    // The server has the insert, the store does not know it, and asks again with the same number.
    for _ in 0..3 {
        n += 1;
        proxy.swallow_answers_to(b"\x02insert\0", 1);
        write_alone(&handle, n).await.unwrap();
        assert_eq!(proxy.left(), 0);
    }
    assert_once(&handle, &(1..=n).collect::<Vec<_>>(), 3).await;
    let scope = cx(&handle).scope().unwrap();
    for value in 2..=4 {
        let current = handle.get::<Counter>(&scope, id(1)).await.unwrap().unwrap();
        proxy.swallow_answers_to(b"\x02update\0\x09\0\0\0counters\0", 1);
        let mut batch = handle.batch(&cx(&handle));
        batch.replace(&current.changed(|counter| counter.value = value));
        handle.commit(batch).await.unwrap();
        assert_eq!(proxy.left(), 0);
        let read = handle.get::<Counter>(&scope, id(1)).await.unwrap().unwrap();
        assert_eq!((read.value, read.version), (value, u64::try_from(value).unwrap()));
    }
    place.dispose().await;
}
