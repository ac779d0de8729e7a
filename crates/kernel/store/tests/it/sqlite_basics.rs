//! Documents, lists and events on SQLite.

use crate::sqlite_fixture::{Account, cx, event, fresh, open};
use store::{Query, Sort, StoreError};
use uuid::Uuid;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

#[tokio::test]
async fn a_document_reads_back_as_it_was_written() {
    let (_directory, store) = fresh().await;
    let cx = cx(&store);
    let mut batch = store.batch(&cx);
    let account = Account {
        owner: Some("Renée MÜLLER".into()),
        tags: vec!["gold".into(), "Gold".into(), "old".into()],
        secret: Some("4111 1111".into()),
        ..Account::new("a-1", "12345678901234567.89")
    };
    let written = batch.insert(id(1), account.clone());
    store.commit(batch).await.unwrap();
    let read = store
        .get::<Account>(&cx.scope().unwrap(), id(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read.data, account);
    assert_eq!((read.version, read.created_at), (1, written.created_at));
    assert_eq!(read.balance.to_string(), "12345678901234567.89");
}

#[tokio::test]
async fn lists_filter_sort_and_page_without_gaps() {
    let (_directory, store) = fresh().await;
    let cx = cx(&store);
    let scope = cx.scope().unwrap();
    let balances = ["-10.5", "3", "1.50", "1.5", "-2", "0", "100"];
    let mut batch = store.batch(&cx);
    for (n, balance) in balances.iter().enumerate() {
        let account = Account {
            owner: (n % 2 == 0).then(|| "Priya".to_owned()),
            tags: vec![if n < 3 { "early" } else { "late" }.to_owned()],
            ..Account::new(&format!("n{n}"), balance)
        };
        batch.insert(id(n as u128 + 1), account);
    }
    store.commit(batch).await.unwrap();

    for (sort, expected) in [
        (Sort::ascending("balance"), vec![0, 4, 5, 2, 3, 1, 6]),
        (Sort::descending("balance"), vec![6, 1, 3, 2, 5, 4, 0]),
        (Sort::ascending("owner"), vec![1, 3, 5, 0, 2, 4, 6]),
        (Sort::descending("owner"), vec![6, 4, 2, 0, 5, 3, 1]),
    ] {
        for limit in [1, 2, 3, 50] {
            let mut seen = Vec::new();
            let mut cursor = None;
            loop {
                let page = kernel::PageRequest {
                    cursor,
                    limit,
                    count: true,
                };
                let page = store
                    .find::<Account>(&scope, Query::sorted(sort.clone()).page(page))
                    .await
                    .unwrap();
                assert_eq!(page.total, Some(7));
                seen.extend(
                    page.items
                        .iter()
                        .map(|item| item.number[1..].parse::<i32>().unwrap()),
                );
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(seen, expected, "{sort:?} by {limit}");
        }
    }
    let early = Query::sorted(Sort::ascending("number")).equals("tags", "EARLY");
    assert_eq!(store.find::<Account>(&scope, early).await.unwrap().items.len(), 3);
    let begins = Query::sorted(Sort::ascending("number")).prefix("N");
    assert_eq!(
        store.find::<Account>(&scope, begins).await.unwrap().items.len(),
        7
    );
}

#[tokio::test]
async fn a_stale_replace_a_taken_value_and_a_taken_id_are_refused() {
    let (_directory, store) = fresh().await;
    let cx = cx(&store);
    let mut batch = store.batch(&cx);
    let first = batch.insert(id(1), Account::new("a", "1"));
    store.commit(batch).await.unwrap();

    let mut batch = store.batch(&cx);
    batch.replace(&first.changed(|account| account.balance = 2.into()));
    store.commit(batch).await.unwrap();
    let mut batch = store.batch(&cx);
    batch.replace(&first);
    batch.event(event(&cx, 1));
    assert!(matches!(
        store.commit(batch).await,
        Err(StoreError::VersionConflict { .. })
    ));

    for (again, field) in [(id(2), "number"), (id(1), "id")] {
        let mut batch = store.batch(&cx);
        batch.insert(again, Account::new(if again == id(2) { "A" } else { "b" }, "1"));
        match store.commit(batch).await {
            Err(StoreError::Duplicate { collection, fields }) => {
                assert_eq!(
                    (collection.as_str(), fields),
                    ("accounts", vec![field.to_owned()])
                );
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(store.last_seq().await.unwrap(), 0);
}

#[tokio::test]
async fn a_deleted_document_frees_its_unique_value_and_leaves_lists() {
    let (_directory, store) = fresh().await;
    let cx = cx(&store);
    let scope = cx.scope().unwrap();
    let mut batch = store.batch(&cx);
    let tagged = Account {
        tags: vec!["x".into()],
        ..Account::new("a", "1")
    };
    let first = batch.insert(id(1), tagged.clone());
    store.commit(batch).await.unwrap();
    let mut batch = store.batch(&cx);
    let gone = batch.delete(&first);
    batch.insert(id(2), tagged);
    store.commit(batch).await.unwrap();
    let by_tag = Query::sorted(Sort::ascending("number")).equals("tags", "x");
    let found = store.find::<Account>(&scope, by_tag).await.unwrap();
    assert_eq!(
        found.items.iter().map(|item| item.id).collect::<Vec<_>>(),
        [id(2)]
    );
    assert!(store.get::<Account>(&scope, id(1)).await.unwrap().is_none());
    let mut batch = store.batch(&cx);
    let mut restored = gone;
    restored.deleted_at = None;
    batch.replace(&restored);
    assert!(matches!(
        store.commit(batch).await,
        Err(StoreError::Duplicate { .. })
    ));
}

#[tokio::test]
async fn events_are_dense_and_survive_a_restart() {
    let (directory, store) = fresh().await;
    let cx = cx(&store);
    for n in 1..=3_u64 {
        let mut batch = store.batch(&cx);
        batch.event(event(&cx, n));
        batch.event(event(&cx, n + 100));
        assert_eq!(store.commit(batch).await.unwrap().last_seq, Some(n * 2));
    }
    store.close().await;
    assert!(store.ping().await.is_err());
    let store = open(directory.path()).await;
    let feed = store.feed(1, 100).await.unwrap();
    assert_eq!(
        feed.iter().map(|event| event.seq).collect::<Vec<_>>(),
        [2, 3, 4, 5, 6]
    );
    assert_eq!(feed[0].producer, "bank");
    assert_eq!(feed[0].data, serde_json::json!({ "n": 101 }));
    assert_eq!(store.last_seq().await.unwrap(), 6);
}
