//! A batch happens whole or not at all.

use super::{
    place::{Place, cx, feed_of, id},
    samples::{Counter, Login, counted},
};
use store::{Document, Query, Store, StoreError, Stored};

async fn counter(store: &Store, n: u128) -> Stored<Counter> {
    let mut batch = store.batch(&cx(store));
    let stored = batch.insert(id(n), Counter { value: 0 });
    store.commit(batch).await.unwrap();
    stored
}

pub(crate) async fn one_refused_write_undoes_the_whole_batch(place: &Place) {
    let store = place.open(&[Counter::collection(), Login::collection()]).await;
    let cx = cx(&store);
    let scope = cx.scope().unwrap();
    let stale = counter(&store, 1).await;
    let mut batch = store.batch(&cx);
    let current = batch.replace(&stale);
    batch.insert(
        id(1),
        Login {
            email: Some("taken@example.com".into()),
            ..Login::default()
        },
    );
    store.commit(batch).await.unwrap();
    for refusal in ["version", "id", "unique", "removed", "required"] {
        let mut batch = store.batch(&cx);
        batch.event(counted(&cx, 1));
        batch.insert(id(50), Counter { value: 50 });
        batch.insert(id(51), Counter { value: 51 });
        batch.replace(&current.changed(|counter| counter.value = 7));
        match refusal {
            "version" => drop(batch.replace(&stale)),
            "id" => drop(batch.insert(id(50), Counter { value: 52 })),
            "unique" => drop(batch.insert(
                id(2),
                Login {
                    email: Some("Taken@example.com".into()),
                    ..Login::default()
                },
            )),
            "removed" => batch.remove(&stale),
            _ => batch.require(&stale),
        }
        batch.insert(id(53), Counter { value: 53 });
        let error = store.commit(batch).await.unwrap_err();
        assert!(error.is_lost_race(), "{refusal}: {error:?}");
        let all = store.find::<Counter>(&scope, Query::all()).await.unwrap();
        let left: Vec<i64> = all.items.iter().map(|counter| counter.value).collect();
        assert_eq!(left, [0], "{refusal}");
    }
    // The first event that is seen is the one of the first commit that stands.
    let mut batch = store.batch(&cx);
    batch.event(counted(&cx, 2));
    store.commit(batch).await.unwrap();
    let feed = feed_of(&store, 1).await;
    assert_eq!(
        (feed.len(), feed[0].seq, feed[0].subject.as_str()),
        (1, 1, "counter/2")
    );
}

pub(crate) async fn a_requirement_holds_or_refuses(place: &Place) {
    let store = place.open(&[Counter::collection()]).await;
    let cx = cx(&store);
    let scope = cx.scope().unwrap();
    let watched = counter(&store, 1).await;
    for n in [2, 3] {
        let mut batch = store.batch(&cx);
        batch.require(&watched);
        batch.insert(id(n), Counter { value: 1 });
        store.commit(batch).await.unwrap();
    }
    let read = store.get::<Counter>(&scope, id(1)).await.unwrap().unwrap();
    assert_eq!((read.version, &read.data), (1, &watched.data));
    let mut batch = store.batch(&cx);
    let deleted = batch.delete(&read);
    store.commit(batch).await.unwrap();
    for document in [&watched, &deleted] {
        let mut batch = store.batch(&cx);
        batch.require(document);
        batch.insert(id(4), Counter { value: 1 });
        assert!(matches!(
            store.commit(batch).await,
            Err(StoreError::VersionConflict { .. })
        ));
    }
    assert!(store.get::<Counter>(&scope, id(4)).await.unwrap().is_none());
}

pub(crate) async fn a_requirement_and_a_change_of_the_same_document_exclude_each_other(place: &Place) {
    let one = place.open(&[Counter::collection()]).await;
    let other = place.open(&[Counter::collection()]).await;
    let cx = cx(&one);
    let scope = cx.scope().unwrap();
    for round in 0..10_u128 {
        // Each commit changes its own counter and requires that the other's stands at zero: both may not succeed.
        let (left, right) = (id(round * 2 + 1), id(round * 2 + 2));
        let mut batch = one.batch(&cx);
        let left = batch.insert(left, Counter { value: 0 });
        let right = batch.insert(right, Counter { value: 0 });
        one.commit(batch).await.unwrap();
        let skewed = |store: &Store, own: &Stored<Counter>, watched: &Stored<Counter>| {
            let mut batch = store.batch(&cx);
            batch.require(watched);
            batch.replace(&own.changed(|counter| counter.value = 1));
            let store = store.clone();
            async move { store.commit(batch).await }
        };
        let outcomes =
            futures::future::join(skewed(&one, &left, &right), skewed(&other, &right, &left)).await;
        let (left, right) = (
            one.get::<Counter>(&scope, left.id).await.unwrap().unwrap(),
            one.get::<Counter>(&scope, right.id).await.unwrap().unwrap(),
        );
        assert!(left.value + right.value <= 1, "round {round}: {outcomes:?}");
        assert_eq!(outcomes.0.is_ok(), left.value == 1, "{:?}", outcomes.0);
        assert_eq!(outcomes.1.is_ok(), right.value == 1, "{:?}", outcomes.1);
    }
}

pub(crate) async fn updates_under_contention_lose_nothing(place: &Place) {
    let one = place.open(&[Counter::collection()]).await;
    let other = place.open(&[Counter::collection()]).await;
    let cx = cx(&one);
    let scope = cx.scope().unwrap();
    counter(&one, 1).await;
    let (tasks, times) = (6, 4);
    let work = (0..tasks).map(|task| {
        let store = if task % 2 == 0 {
            one.store.clone()
        } else {
            other.store.clone()
        };
        let cx = cx.clone();
        async move {
            for _ in 0..times {
                let updated = store.update::<Counter>(&cx, &scope, id(1), |counter| counter.value += 1);
                assert!(updated.await.unwrap().is_some());
            }
        }
    });
    futures::future::join_all(work).await;
    let read = one.get::<Counter>(&scope, id(1)).await.unwrap().unwrap();
    assert_eq!(
        (read.value, read.version),
        (tasks * times, 1 + (tasks * times) as u64)
    );
    let nobody = one.update::<Counter>(&cx, &scope, id(9), |counter| counter.value += 1);
    assert!(nobody.await.unwrap().is_none());
}

pub(crate) async fn a_scope_is_changed_page_by_page_and_loses_nothing(place: &Place) {
    let one = place.open(&[Counter::collection()]).await;
    let other = place.open(&[Counter::collection()]).await;
    let cx = cx(&one);
    let scope = cx.scope().unwrap();
    // More than two pages, every tenth of them right already.
    let all = 2 * u128::from(kernel::MAX_PAGE) + 10;
    for page in (1..=all).collect::<Vec<_>>().chunks(100) {
        let mut batch = one.batch(&cx);
        for number in page {
            let value = if number % 10 == 0 { 1_000 } else { 0 };
            batch.insert(id(*number), Counter { value });
        }
        one.commit(batch).await.unwrap();
    }
    let wanted = |counter: &Counter| {
        (counter.value < 1_000).then(|| Counter {
            value: counter.value + 1_000,
        })
    };
    let meanwhile = async {
        for number in [1, all / 2 + 1, all - 1] {
            let updated = other.update::<Counter>(&cx, &scope, id(number), |counter| counter.value += 1);
            assert!(updated.await.unwrap().is_some());
        }
    };
    let (changed, ()) = futures::join!(one.change_all(&cx, &scope, wanted), meanwhile);
    changed.unwrap();
    for number in [1, all / 2 + 1, all - 1] {
        let read = one.get::<Counter>(&scope, id(number)).await.unwrap().unwrap();
        assert_eq!((read.value, read.version), (1_001, 3), "{number}");
    }
    for (number, version) in [(2, 2), (10, 1), (all - 2, 2), (all, 1)] {
        let read = one.get::<Counter>(&scope, id(number)).await.unwrap().unwrap();
        assert_eq!((read.value, read.version), (1_000, version), "{number}");
    }
}

pub(crate) async fn writes_of_a_batch_happen_in_order(place: &Place) {
    let store = place.open(&[Counter::collection()]).await;
    let cx = cx(&store);
    let mut batch = store.batch(&cx);
    let first = batch.insert(id(1), Counter { value: 1 });
    let second = batch.replace(&first.changed(|counter| counter.value = 2));
    batch.require(&second);
    let third = batch.replace(&second.changed(|counter| counter.value = 3));
    batch.remove(&third);
    batch.insert(id(1), Counter { value: 4 });
    store.commit(batch).await.unwrap();
    let read = store
        .get::<Counter>(&cx.scope().unwrap(), id(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((read.version, read.value), (1, 4));
}
