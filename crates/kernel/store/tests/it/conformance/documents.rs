//! The life of a document.

use super::{
    place::{Place, cx, id},
    samples::{Counter, Sample},
};
use chrono::TimeDelta;
use kernel::{ManualClock, Sources, SystemEntropy};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Collection, Document, Store, StoreError, Stored};

async fn insert(store: &Store, n: u128, value: i64) -> Stored<Counter> {
    let mut batch = store.batch(&cx(store));
    let stored = batch.insert(id(n), Counter { value });
    store.commit(batch).await.unwrap();
    stored
}

pub(crate) async fn a_document_lives_from_insert_to_removal(place: &Place) {
    let clock = Arc::new(ManualClock::at("2024-05-01T10:00:00.123Z".parse().unwrap()));
    let sources = Sources::new(clock.clone(), Arc::new(SystemEntropy));
    let store = place.open_with(sources, &[Counter::collection()]).await;
    let cx = cx(&store);
    let scope = cx.scope().unwrap();
    let written = insert(&store, 1, 1).await;
    let read = store.get::<Counter>(&scope, id(1)).await.unwrap().unwrap();
    assert_eq!((read.version, read.data.value), (1, 1));
    assert_eq!(read.created_at.to_rfc3339(), "2024-05-01T10:00:00.123+00:00");
    assert_eq!(
        (read.id, read.tenant_id, read.created_at, read.updated_at),
        (
            written.id,
            written.tenant_id,
            written.created_at,
            written.updated_at
        )
    );

    clock.advance(TimeDelta::seconds(1));
    let mut batch = store.batch(&cx);
    batch.replace(&read.changed(|counter| counter.value = 2));
    store.commit(batch).await.unwrap();
    let read = store.get::<Counter>(&scope, id(1)).await.unwrap().unwrap();
    assert_eq!((read.version, read.data.value), (2, 2));
    assert_eq!(read.updated_at - read.created_at, TimeDelta::seconds(1));

    clock.advance(TimeDelta::seconds(1));
    let mut batch = store.batch(&cx);
    batch.delete(&read);
    store.commit(batch).await.unwrap();
    assert!(store.get::<Counter>(&scope, id(1)).await.unwrap().is_none());
    assert!(
        store
            .find::<Counter>(&scope, store::Query::all())
            .await
            .unwrap()
            .items
            .is_empty()
    );
    let deleted = store
        .get_deleted::<Counter>(&scope, id(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (deleted.version, deleted.deleted_at),
        (3, Some(deleted.updated_at))
    );

    let mut batch = store.batch(&cx);
    let mut restored = deleted.clone();
    restored.deleted_at = None;
    batch.replace(&restored);
    store.commit(batch).await.unwrap();
    assert!(
        store
            .get_deleted::<Counter>(&scope, id(1))
            .await
            .unwrap()
            .is_none()
    );
    let read = store.get::<Counter>(&scope, id(1)).await.unwrap().unwrap();
    assert_eq!((read.version, read.data.value), (4, 2));

    let mut batch = store.batch(&cx);
    batch.remove(&read);
    store.commit(batch).await.unwrap();
    assert!(store.get::<Counter>(&scope, id(1)).await.unwrap().is_none());
    assert!(
        store
            .get_deleted::<Counter>(&scope, id(1))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(insert(&store, 1, 9).await.version, 1);
}

pub(crate) async fn a_stale_version_is_refused(place: &Place) {
    let store = place.open(&[Counter::collection()]).await;
    let cx = cx(&store);
    let stale = insert(&store, 1, 1).await;
    let mut batch = store.batch(&cx);
    let current = batch.replace(&stale.changed(|counter| counter.value = 2));
    store.commit(batch).await.unwrap();
    let mut unknown = stale.clone();
    unknown.id = id(99);
    for (what, document) in [("stale", &stale), ("unknown", &unknown)] {
        for write in ["replace", "delete", "remove", "require"] {
            let mut batch = store.batch(&cx);
            match write {
                "replace" => drop(batch.replace(document)),
                "delete" => drop(batch.delete(document)),
                "remove" => batch.remove(document),
                _ => batch.require(document),
            }
            match store.commit(batch).await {
                Err(StoreError::VersionConflict { collection, id }) => {
                    assert_eq!((collection.as_str(), id), ("counters", document.id));
                }
                other => panic!("{write} of a {what} document: {other:?}"),
            }
        }
    }
    let read = store
        .get::<Counter>(&cx.scope().unwrap(), id(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((read.version, read.data), (current.version, current.data));
}

pub(crate) async fn an_id_is_taken_even_by_a_deleted_document(place: &Place) {
    let store = place.open(&[Counter::collection()]).await;
    let cx = cx(&store);
    let first = insert(&store, 1, 1).await;
    for _ in 0..2 {
        let mut batch = store.batch(&cx);
        batch.insert(id(1), Counter { value: 2 });
        match store.commit(batch).await {
            Err(StoreError::Duplicate { collection, fields }) => {
                assert_eq!((collection.as_str(), fields), ("counters", vec!["id".to_owned()]));
            }
            other => panic!("{other:?}"),
        }
        let mut batch = store.batch(&cx);
        if store
            .get::<Counter>(&cx.scope().unwrap(), id(1))
            .await
            .unwrap()
            .is_some()
        {
            batch.delete(&first);
            store.commit(batch).await.unwrap();
        }
    }
}

/// The same collection as an older program knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OlderSample {
    kind: Option<String>,
}

impl Document for OlderSample {
    fn collection() -> &'static Collection {
        Sample::collection()
    }
}

pub(crate) async fn unknown_fields_survive_a_replace(place: &Place) {
    let store = place.open(&[Sample::collection()]).await;
    let cx = cx(&store);
    let scope = cx.scope().unwrap();
    let sample = Sample {
        text: Some("kept".into()),
        amount: Some("1.50".parse().unwrap()),
        kind: Some("old".into()),
        ..Sample::default()
    };
    let mut batch = store.batch(&cx);
    batch.insert(id(1), sample.clone());
    store.commit(batch).await.unwrap();
    let older = store.get::<OlderSample>(&scope, id(1)).await.unwrap().unwrap();
    let mut batch = store.batch(&cx);
    batch.replace(&older.changed(|sample| sample.kind = Some("new".into())));
    store.commit(batch).await.unwrap();
    let read = store.get::<Sample>(&scope, id(1)).await.unwrap().unwrap();
    let expected = Sample {
        kind: Some("new".into()),
        ..sample
    };
    assert_eq!(read.data, expected);
    assert_eq!(read.amount.unwrap().to_string(), "1.50");
}

pub(crate) async fn what_a_handle_commits_another_reads_at_once(place: &Place) {
    let one = place.open(&[Counter::collection()]).await;
    let other = place.open(&[Counter::collection()]).await;
    let cx = cx(&one);
    let scope = cx.scope().unwrap();
    let mut current = insert(&one, 1, 0).await;
    for value in 1..=10 {
        let (writer, reader) = if value % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let mut batch = writer.batch(&cx);
        current = batch.replace(&current.changed(|counter| counter.value = value));
        writer.commit(batch).await.unwrap();
        let read = reader.get::<Counter>(&scope, id(1)).await.unwrap().unwrap();
        assert_eq!(read.data.value, value);
    }
}
