//! A group's data as files, and back.

use super::{
    once::open_counter,
    place::{Place, cx, feed_of, id},
    samples::{Counter, Login, counted},
};
use std::{collections::BTreeSet, path::Path};
use store::{Collection, Document, GroupBackup, Store, StoreError};

fn collections() -> [&'static Collection; 2] {
    [Counter::collection(), Login::collection()]
}

async fn back_up(place: &Place, directory: &Path) -> GroupBackup {
    place.data("bank").back_up(directory).await.unwrap()
}

async fn restore(backup: &GroupBackup, directory: &Path, place: &Place) {
    let target = place.data("bank");
    target.accepts(backup, false).await.unwrap();
    target.restore(backup, directory).await.unwrap();
}

fn refusal<T>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Refused { reason }) => reason,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("was not refused"),
    }
}

async fn commit_one(store: &Store, n: u64) {
    let cx = cx(store);
    let mut batch = store.batch(&cx);
    batch.insert(id(u128::from(n)), Counter { value: 1 });
    batch.event(counted(&cx, n));
    store.commit(batch).await.unwrap();
}

pub(crate) async fn everything_comes_back_from_a_backup(place: &Place) {
    let store = place.open(&collections()).await;
    let cx = cx(&store);
    let made = open_counter(&store, &cx, "k", "5.00").await.unwrap();
    let mut batch = store.batch(&cx);
    let email = |text: &str| Login {
        email: Some(text.to_owned()),
        ..Login::default()
    };
    batch.insert(id(1), email("ann@example.com"));
    let gone = batch.insert(id(2), email("bob@example.com"));
    let cursor = store.consumer_cursor("totals", "finance").await.unwrap();
    batch.advance(&cursor, 41);
    store.commit(batch).await.unwrap();
    let mut batch = store.batch(&cx);
    batch.delete(&gone);
    store.commit(batch).await.unwrap();
    let before = feed_of(&store, 1).await;

    let files = tempfile::tempdir().unwrap();
    let backup = back_up(place, files.path()).await;
    backup.verify(files.path()).unwrap();
    assert_eq!((backup.group.as_str(), backup.feed_position), ("bank", 1));

    let target = place.sibling();
    restore(&backup, files.path(), &target).await;
    let restored = target.open(&collections()).await;
    assert_eq!(feed_of(&restored, 1).await, before);
    assert_eq!(
        open_counter(&restored, &cx, "k", "5.00").await.unwrap(),
        made,
        "the key has forgotten its answer"
    );
    let scope = cx.scope().unwrap();
    assert!(restored.get::<Login>(&scope, id(2)).await.unwrap().is_none());
    assert!(
        restored
            .get_deleted::<Login>(&scope, id(2))
            .await
            .unwrap()
            .is_some()
    );
    let cursor = restored.consumer_cursor("totals", "finance").await.unwrap();
    assert_eq!(cursor.seq(), 41);
    let mut batch = restored.batch(&cx);
    batch.insert(id(3), email("Ann@example.com"));
    let twice = restored.commit(batch).await;
    assert!(
        matches!(twice, Err(StoreError::Duplicate { .. })),
        "what was unique is unique no more: {twice:?}"
    );
    commit_one(&restored, 2).await;
    let feed = feed_of(&restored, 2).await;
    assert_eq!(feed.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2]);
    target.dispose().await;
}

pub(crate) async fn a_backup_under_load_is_one_moment(place: &Place) {
    const WRITERS: u64 = 6;
    let store = place.open(&collections()).await;
    for n in 1..=20 {
        commit_one(&store, n).await;
    }
    let files = tempfile::tempdir().unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let writer = |writer: u64| {
        let (store, stop) = (&store, &stop);
        async move {
            for n in 0.. {
                if stop.load(std::sync::atomic::Ordering::SeqCst) {
                    return;
                }
                commit_one(store, (writer + 1) * 100_000 + n).await;
            }
        }
    };
    let writers = futures::future::join_all((0..WRITERS).map(writer));
    let taking = async {
        let backup = back_up(place, files.path()).await;
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        backup
    };
    let (_, backup) = futures::future::join(writers, taking).await;

    let target = place.sibling();
    restore(&backup, files.path(), &target).await;
    let restored = target.open(&collections()).await;
    let cx = cx(&restored);
    let mut ids = BTreeSet::new();
    let mut query = store::Query::all().limit(kernel::MAX_PAGE);
    loop {
        let page = restored
            .find::<Counter>(&cx.scope().unwrap(), query.clone())
            .await
            .unwrap();
        ids.extend(page.items.iter().map(|stored| stored.id.as_u128()));
        match page.next {
            Some(next) => {
                query = query.page(kernel::PageRequest {
                    limit: kernel::MAX_PAGE,
                    cursor: Some(next),
                    count: false,
                });
            }
            None => break,
        }
    }
    assert!(
        (1..=20).all(|n| ids.contains(&n)),
        "what was acknowledged before is lost"
    );
    let feed = feed_of(&restored, ids.len()).await;
    let events: BTreeSet<u128> = feed
        .iter()
        .map(|event| u128::from(event.data["n"].as_u64().unwrap()))
        .collect();
    assert_eq!(events, ids, "documents and their events are of different moments");
    assert!(
        feed.iter().zip(1..).all(|(event, seq)| event.seq == seq),
        "the feed has a gap"
    );
    target.dispose().await;
}

pub(crate) async fn what_is_there_is_kept_unless_told(place: &Place) {
    let store = place.open(&collections()).await;
    commit_one(&store, 1).await;
    let files = tempfile::tempdir().unwrap();
    let backup = back_up(place, files.path()).await;

    let target = place.sibling();
    let other = target.open(&collections()).await;
    commit_one(&other, 2).await;
    other.close().await;
    let there = target.data("bank");
    let why = refusal(there.accepts(&backup, false).await);
    assert!(why.contains("--replace"), "{why}");
    there.accepts(&backup, true).await.unwrap();
    there.restore(&backup, files.path()).await.unwrap();
    let restored = target.open(&collections()).await;
    let numbers: Vec<u64> = feed_of(&restored, 1)
        .await
        .iter()
        .map(|event| event.data["n"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [1]);
    target.dispose().await;
}

pub(crate) async fn a_changed_file_is_refused(place: &Place) {
    let store = place.open(&collections()).await;
    commit_one(&store, 1).await;
    let files = tempfile::tempdir().unwrap();
    let backup = back_up(place, files.path()).await;
    let file = backup.files.iter().max_by_key(|file| file.bytes).unwrap();
    let path = files.path().join(&file.path);
    let mut content = std::fs::read(&path).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    std::fs::write(&path, content).unwrap();
    let why = refusal(backup.verify(files.path()));
    assert!(why.contains("is not what was backed up"), "{why}");
    std::fs::remove_file(&path).unwrap();
    refusal(backup.verify(files.path()));
    let mut elsewhere = backup.clone();
    elsewhere.files[0].path = "../secrets".to_owned();
    let why = refusal(elsewhere.verify(files.path()));
    assert!(why.contains("not below the backup"), "{why}");
}

pub(crate) async fn an_empty_place_cannot_be_backed_up(place: &Place) {
    let files = tempfile::tempdir().unwrap();
    let why = refusal(place.data("bank").back_up(files.path()).await);
    assert!(why.contains("there is no data of 'bank'"), "{why}");
}
