//! The feed.

use super::{
    place::{Place, cx, eventually, feed_of, id},
    samples::{Counter, counted},
};
use kernel::{EventEnvelope, EventId, NewEvent};
use std::time::Duration;
use store::{Document, Store};

fn numbers(feed: &[EventEnvelope]) -> Vec<u64> {
    feed.iter()
        .map(|event| event.data["n"].as_u64().unwrap())
        .collect()
}

fn assert_dense(feed: &[EventEnvelope], after: u64) {
    for (event, expected) in feed.iter().zip(after + 1..) {
        assert_eq!(event.seq, expected);
    }
}

pub(crate) async fn events_are_dense_and_in_the_order_of_their_commits(place: &Place) {
    let store = place.open(&[Counter::collection()]).await;
    let cx = cx(&store);
    let mut n = 0;
    for commit in 0..12_u64 {
        let mut batch = store.batch(&cx);
        for _ in 0..=commit % 4 {
            n += 1;
            batch.event(counted(&cx, n));
        }
        store.commit(batch).await.unwrap();
    }
    let feed = feed_of(&store, usize::try_from(n).unwrap()).await;
    assert_dense(&feed, 0);
    assert_eq!(numbers(&feed), (1..=n).collect::<Vec<_>>());
    assert_eq!(store.last_seq().await.unwrap(), n);
}

pub(crate) async fn the_feed_is_read_in_parts(place: &Place) {
    let store = place.open(&[Counter::collection()]).await;
    let cx = cx(&store);
    assert_eq!(store.last_seq().await.unwrap(), 0);
    assert!(store.feed(0, 10).await.unwrap().is_empty());
    let mut batch = store.batch(&cx);
    for n in 1..=7 {
        batch.event(counted(&cx, n));
    }
    store.commit(batch).await.unwrap();
    feed_of(&store, 7).await;
    assert_eq!(numbers(&store.feed(0, 3).await.unwrap()), [1, 2, 3]);
    assert_eq!(numbers(&store.feed(3, 3).await.unwrap()), [4, 5, 6]);
    assert_eq!(numbers(&store.feed(6, 3).await.unwrap()), [7]);
    assert!(store.feed(7, 3).await.unwrap().is_empty());
    assert!(store.feed(u64::MAX, 3).await.unwrap().is_empty());
    assert!(store.feed(0, 0).await.unwrap().is_empty());
}

pub(crate) async fn events_read_back_as_they_were_written(place: &Place) {
    let store = place.open(&[Counter::collection()]).await;
    let cx = cx(&store);
    let data =
        serde_json::from_str(r#"{"amount": 12345678901234567.89, "$gt": {"a.b": null}, "text": "é\u0000"}"#);
    let cause = EventId(id(5));
    let mut event = NewEvent::new(&cx, "counter.moved", "counter/1", data.unwrap())
        .at_version(4)
        .caused_by(cause);
    event.version = 3;
    let mut batch = store.batch(&cx);
    batch.event(event.clone());
    let at = batch.now();
    store.commit(batch).await.unwrap();
    let feed = feed_of(&store, 1).await;
    let expected = EventEnvelope {
        seq: 1,
        id: feed[0].id,
        event_type: event.event_type,
        version: 3,
        time: at,
        producer: "bank".to_owned(),
        tenant: event.tenant,
        actor: event.actor,
        subject: event.subject,
        correlation: event.correlation,
        causation: Some(cause),
        data: event.data,
    };
    assert_eq!(feed, [expected]);
}

/// Reads on and on; whoever reads behind somebody else must never find anything there that was not there before.
async fn follow(store: &Store, count: u64) -> Vec<EventEnvelope> {
    let mut seen: Vec<EventEnvelope> = Vec::new();
    let mut changes = store.feed_changes();
    let patience = tokio::time::Instant::now() + Duration::from_secs(60);
    while (seen.len() as u64) < count {
        assert!(
            tokio::time::Instant::now() < patience,
            "only {} of {count} events",
            seen.len()
        );
        changes.mark_unchanged();
        let after = seen.len() as u64;
        let part = store.feed(after, 50).await.unwrap();
        assert_dense(&part, after);
        if part.is_empty() {
            // The announcement may be missed by a process that just began to listen.
            tokio::time::timeout(Duration::from_millis(200), changes.changed())
                .await
                .ok();
        }
        seen.extend(part);
    }
    seen
}

pub(crate) async fn nothing_appears_behind_a_reader_while_many_write(place: &Place) {
    let one = place.open(&[Counter::collection()]).await;
    let other = place.open(&[Counter::collection()]).await;
    let cx = cx(&one);
    let (writers, commits) = (8_u64, 12_u64);
    let mut batch = one.batch(&cx);
    for writer in 0..writers {
        batch.insert(id(u128::from(writer) + 1), Counter { value: 0 });
    }
    one.commit(batch).await.unwrap();
    let write = (0..writers).map(|writer| {
        let store = if writer % 2 == 0 {
            one.store.clone()
        } else {
            other.store.clone()
        };
        let cx = cx.clone();
        async move {
            let scope = cx.scope().unwrap();
            let mut current = store
                .get::<Counter>(&scope, id(u128::from(writer) + 1))
                .await
                .unwrap()
                .unwrap();
            for _ in 0..commits {
                let mut batch = store.batch(&cx);
                current = batch.replace(&current.changed(|counter| counter.value += 1));
                let data = serde_json::json!({ "n": writer, "version": current.version });
                let event = NewEvent::new(&cx, "counter.moved", format!("counter/{writer}"), data);
                batch.event(event.at_version(current.version));
                store.commit(batch).await.unwrap();
            }
        }
    });
    let count = writers * commits;
    let (_, early, late) = tokio::join!(
        futures::future::join_all(write),
        follow(&one.store, count),
        follow(&other.store, count)
    );
    assert_eq!(early, late);
    let last = feed_of(&one, usize::try_from(count).unwrap()).await;
    assert_eq!(early, last);
    let mut ids: Vec<EventId> = last.iter().map(|event| event.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len() as u64, count);
    // What one writer did is told in the order in which it was done.
    for writer in 0..writers {
        let own = last.iter().filter(|event| event.data["n"] == writer);
        let versions: Vec<u64> = own.map(|event| event.data["version"].as_u64().unwrap()).collect();
        assert_eq!(versions, (2..=commits + 1).collect::<Vec<_>>());
    }
}

pub(crate) async fn another_handle_hears_of_new_events(place: &Place) {
    let one = place.open(&[Counter::collection()]).await;
    let other = place.open(&[Counter::collection()]).await;
    let cx = cx(&one);
    for n in 1..=5_u64 {
        let mut changes = other.feed_changes();
        let mut batch = one.batch(&cx);
        batch.event(counted(&cx, n));
        one.commit(batch).await.unwrap();
        // The announcement, or the event itself if it was faster than this test.
        eventually("the announcement of an event", || {
            let (other, mut changes) = (other.store.clone(), changes.clone());
            async move {
                let waiting = tokio::time::timeout(Duration::from_millis(500), changes.changed());
                let announced = waiting.await.is_ok();
                (announced && other.last_seq().await.unwrap() >= n).then_some(())
            }
        })
        .await;
        changes.mark_unchanged();
    }
    assert_eq!(numbers(&other.feed(0, 10).await.unwrap()), [1, 2, 3, 4, 5]);
}
