//! What is opened, and what is refused in one clear line.

use crate::conformance::{
    place::{Place, cx, driver, eventually, id, kernel_runtime, keyring, mongodb_url},
    samples::{Counter, Linked},
};
use bson::{Document as BsonDocument, doc};
use kernel::Sources;
use serde::{Deserialize, Serialize};
use std::{
    path::Path,
    sync::LazyLock,
    time::{Duration, Instant},
};
use store::{
    Collection, Document, FieldKind, MongoCluster, MongoOptions, OpenOptions, PoolSizes, Query, Scoping,
    Sort, StoreError, StoreUrl, open_store,
};

fn options() -> MongoOptions {
    MongoOptions::on(kernel_runtime())
}

async fn refusal(url: &str) -> String {
    match MongoCluster::connect(url, options()).await {
        Err(StoreError::Refused { reason }) => {
            assert!(!reason.contains('\n') && !reason.contains("hunter2"), "{reason}");
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_within_seconds() {
    // A port that was free a moment ago, and one that never answers.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    for port in [port, silent.local_addr().unwrap().port()] {
        let begun = Instant::now();
        let reason = refusal(&format!("mongodb://ann:hunter2@127.0.0.1:{port}/wealthos")).await;
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
        assert!(reason.contains(&format!("127.0.0.1:{port}")), "{reason}");
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_its_password() {
    for url in [
        "mongodb://ann:hunter2@host:notaport/wealthos",
        "mongodb://ann:hunter2/x@host/wealthos",
        "mongodb://ann:hunter2@host/wealthos?maxPoolSize=many",
        "mongodb://ann:hunter2@/wealthos",
    ] {
        let reason = refusal(url).await;
        assert!(reason.contains("DATABASE_URL"), "{reason}");
    }
}

#[tokio::test]
async fn groups_of_a_process_share_one_connection() {
    let place = Place::mongodb();
    let url = mongodb_url(place.database(), "");
    let first = MongoCluster::shared(&url, options()).await.unwrap();
    let second = MongoCluster::shared(&url, options()).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    let other = MongoCluster::shared(&mongodb_url("other", ""), options())
        .await
        .unwrap();
    assert!(!std::sync::Arc::ptr_eq(&first, &other));
    assert!(first.describe().contains(place.database()) && !first.describe().contains('@'));
    place.dispose().await;
}

#[tokio::test]
async fn a_store_is_opened_by_its_address() {
    let place = Place::mongodb();
    let store = open_store(OpenOptions {
        group: "bank",
        url: StoreUrl::parse(Some(&mongodb_url(place.database(), "")), Path::new("unused")).unwrap(),
        collections: vec![Counter::collection()],
        keyring: keyring(),
        sources: Sources::system(),
        runtime: kernel_runtime(),
        readers: None,
        pool: PoolSizes::default(),
    })
    .await
    .unwrap();
    let mut batch = store.batch(&cx(&store));
    batch.insert(id(1), Counter { value: 1 });
    store.commit(batch).await.unwrap();
    assert!(store.get_anywhere::<Counter>(id(1)).await.unwrap().is_some());
    store.ping().await.unwrap();
    store.close().await;
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable { .. })));
    place.dispose().await;
}

#[test]
fn any_runtime_may_call() {
    let bare = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let place = Place::mongodb();
    let handle = bare.block_on(place.open(&[Counter::collection()]));
    // No timer, no sockets, no other thread.
    bare.block_on(async {
        let mut batch = handle.batch(&cx(&handle));
        batch.insert(id(1), Counter { value: 1 });
        handle.commit(batch).await.unwrap();
        assert!(handle.get_anywhere::<Counter>(id(1)).await.unwrap().is_some());
        handle.close().await;
    });
    bare.block_on(place.dispose());
}

#[tokio::test]
async fn a_collection_belongs_to_one_group() {
    let place = Place::mongodb();
    place.open(&[Counter::collection()]).await;
    let foreign = place
        .try_open("shop", Sources::system(), &[Counter::collection()])
        .await;
    match foreign.map(drop) {
        Err(StoreError::Refused { reason }) => {
            assert!(
                reason.contains("counters")
                    && reason.contains("bank")
                    && reason.contains("SHOP_DATABASE_URL")
            );
        }
        other => panic!("{other:?}"),
    }
    place
        .try_open("shop", Sources::system(), &[Linked::collection()])
        .await
        .unwrap();
    place.dispose().await;
}

#[tokio::test]
async fn data_of_a_newer_program_is_refused() {
    let place = Place::mongodb();
    place.open(&[Counter::collection()]).await;
    let schema = driver()
        .await
        .database(place.database())
        .collection::<BsonDocument>("bank.schema");
    schema
        .update_one(doc! { "_id": "layout" }, doc! { "$set": { "version": 99_i64 } })
        .await
        .unwrap();
    let refused = place
        .try_open("bank", Sources::system(), &[Counter::collection()])
        .await;
    assert!(matches!(refused.map(drop), Err(StoreError::Refused { reason }) if reason.contains("newer")));
    place.dispose().await;
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Grown {
    value: i64,
    name: Option<String>,
}

impl Document for Grown {
    fn collection() -> &'static Collection {
        static GROWN: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("counters", Scoping::Tenant)
                .field("value", FieldKind::Int)
                .field("name", FieldKind::Text)
                .serves(&["name"], &["value"])
        });
        &GROWN
    }
}

#[tokio::test]
async fn a_newly_declared_field_is_filled_and_older_programs_fill_it_too() {
    let place = Place::mongodb();
    let older = place.open(&[Counter::collection()]).await;
    let cx = cx(&older);
    let scope = cx.scope().unwrap();
    let mut batch = older.batch(&cx);
    for n in 1..=3_u8 {
        batch.insert(id(n.into()), Counter { value: i64::from(n) });
    }
    older.commit(batch).await.unwrap();
    let newer = place.open(&[Grown::collection()]).await;
    let unnamed = || Query::sorted(Sort::descending("value")).equals("name", store::Key::Null);
    let values = |found: kernel::Page<store::Stored<Grown>>| -> Vec<i64> {
        found.items.iter().map(|item| item.value).collect()
    };
    assert_eq!(values(newer.find(&scope, unnamed()).await.unwrap()), [3, 2, 1]);
    // The older program hears of the field and writes its key from then on.
    eventually("an older program fills the key of a new field", || async {
        let n = older.sources().ids().next::<uuid::Uuid>();
        let mut batch = older.batch(&cx);
        batch.insert(n, Counter { value: 10 });
        older.commit(batch).await.unwrap();
        let found = newer.find::<Grown>(&scope, unnamed()).await.unwrap();
        let seen = found.items.iter().any(|item| item.id == n);
        let written = newer.get::<Grown>(&scope, n).await.unwrap().unwrap();
        let mut batch = newer.batch(&cx);
        batch.remove(&written);
        newer.commit(batch).await.unwrap();
        seen.then_some(())
    })
    .await;
    let names: Vec<String> = newer
        .migrations()
        .await
        .unwrap()
        .into_iter()
        .map(|step| step.name)
        .collect();
    assert!(names.contains(&"create counters".to_owned()) && names.contains(&"add counters.name".to_owned()));
    place.dispose().await;
}

#[tokio::test]
async fn preparing_twice_and_at_the_same_time_records_each_change_once() {
    let place = Place::mongodb();
    let both = futures::future::join(
        place.open(&[Linked::collection()]),
        place.open(&[Linked::collection()]),
    )
    .await;
    let first = both.0.migrations().await.unwrap();
    let versions: Vec<u64> = first.iter().map(|step| step.version).collect();
    assert_eq!(versions, (1..=first.len() as u64).collect::<Vec<_>>());
    let mut names: Vec<&str> = first.iter().map(|step| step.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), first.len());
    let again = place.open(&[Linked::collection()]).await;
    assert_eq!(again.migrations().await.unwrap(), first);
    place.dispose().await;
}

/// Without a server the tests fail and say how to have one.
#[test]
fn tests_without_a_server_fail_in_words() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "on_mongodb::opening::a_store_is_opened_by_its_address"])
        .env_remove("TEST_MONGODB_URI")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        !output.status.success() && said.contains("scripts/mongodb-for-tests"),
        "{said}"
    );
}
