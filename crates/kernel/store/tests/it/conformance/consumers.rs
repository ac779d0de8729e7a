//! Leases and consumers' cursors.

use super::{
    place::{Place, cx, id},
    samples::Counter,
};
use chrono::TimeDelta;
use kernel::{ManualClock, Sources, SystemEntropy};
use std::sync::Arc;
use store::{Document, Store};

pub(crate) async fn a_lease_is_held_by_one_until_it_ends(place: &Place) {
    let clock = Arc::new(ManualClock::at("2024-05-01T10:00:00Z".parse().unwrap()));
    let sources = Sources::new(clock.clone(), Arc::new(SystemEntropy));
    let one = place.open_with(sources.clone(), &[]).await;
    let other = place.open_with(sources, &[]).await;
    let life = TimeDelta::seconds(10);
    let take = |store: &Store, holder: u128| {
        let store = store.clone();
        async move { store.acquire_lease("work", id(holder), life).await.unwrap() }
    };
    let first = take(&one, 1).await.unwrap();
    assert_eq!(
        first.until(),
        "2024-05-01T10:00:10Z"
            .parse::<chrono::DateTime<chrono::Utc>>()
            .unwrap()
    );
    assert!(take(&other, 2).await.is_none());
    clock.advance(TimeDelta::seconds(9));
    let renewed = take(&one, 1).await.unwrap();
    clock.advance(TimeDelta::seconds(9));
    assert!(take(&other, 2).await.is_none());
    clock.advance(TimeDelta::seconds(2));
    let second = take(&other, 2).await.unwrap();
    assert!(take(&one, 1).await.is_none());
    // A lease that somebody else has taken over cannot be given back.
    one.release_lease(renewed).await.unwrap();
    assert!(take(&one, 1).await.is_none());
    other.release_lease(second).await.unwrap();
    assert!(take(&one, 1).await.is_some());
    assert!(
        other
            .acquire_lease("other work", id(2), life)
            .await
            .unwrap()
            .is_some()
    );

    clock.advance(TimeDelta::hours(1));
    let race = (1..=8).map(|holder| take(if holder % 2 == 0 { &one } else { &other }, holder));
    let won = futures::future::join_all(race)
        .await
        .into_iter()
        .flatten()
        .count();
    assert_eq!(won, 1);
}

pub(crate) async fn a_cursor_moves_once_and_with_its_effect(place: &Place) {
    let one = place.open(&[Counter::collection()]).await;
    let other = place.open(&[Counter::collection()]).await;
    let cx = cx(&one);
    let scope = cx.scope().unwrap();
    for round in 1..=3_u64 {
        let mine = one.consumer_cursor("totals", "finance").await.unwrap();
        let theirs = other.consumer_cursor("totals", "finance").await.unwrap();
        assert_eq!((mine.seq(), theirs.seq()), (round - 1, round - 1));
        let work = |store: &Store, cursor: &store::ConsumerCursor, n: u128| {
            let mut batch = store.batch(&cx);
            batch.insert(id(n), Counter { value: 1 });
            batch.advance(cursor, round);
            let store = store.clone();
            async move { store.commit(batch).await }
        };
        let (left, right) = (u128::from(round) * 2, u128::from(round) * 2 + 1);
        let outcomes = futures::future::join(work(&one, &mine, left), work(&other, &theirs, right)).await;
        assert!(
            outcomes.0.is_ok() != outcomes.1.is_ok(),
            "round {round}: {outcomes:?}"
        );
        let lost = outcomes.0.err().or(outcomes.1.err()).unwrap();
        assert!(lost.is_lost_race(), "{lost:?}");
        let effects = one.find::<Counter>(&scope, store::Query::all()).await.unwrap();
        assert_eq!(effects.items.len() as u64, round);
    }
    // Backwards is a replay; other consumers and feeds have places of their own.
    let cursor = one.consumer_cursor("totals", "finance").await.unwrap();
    let mut batch = one.batch(&cx);
    let back = batch.advance(&cursor, 1);
    assert_eq!(
        (back.seq(), back.consumer(), back.feed()),
        (1, "totals", "finance")
    );
    one.commit(batch).await.unwrap();
    assert_eq!(other.consumer_cursor("totals", "finance").await.unwrap().seq(), 1);
    assert_eq!(other.consumer_cursor("totals", "auth").await.unwrap().seq(), 0);
    assert_eq!(one.consumer_cursors().await.unwrap().len(), 1);
}
