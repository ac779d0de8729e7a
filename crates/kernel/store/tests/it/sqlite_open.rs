//! What is opened, and what is refused in one clear line.

use crate::sqlite_fixture::{Account, cx, event, file_of, fresh, keyring, open, open_with};
use kernel::Sources;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::{path::Path, sync::LazyLock};
use store::{
    Collection, Document, FieldKind, OpenOptions, PoolSizes, Query, Scoping, Sort, Store, StoreError,
    StoreUrl, open_store,
};
use uuid::Uuid;

async fn open_at(group: &'static str, url: StoreUrl) -> Result<Store, StoreError> {
    open_store(OpenOptions {
        group,
        url,
        collections: vec![Account::collection()],
        keyring: keyring(),
        sources: Sources::system(),
        runtime: tokio::runtime::Handle::current(),
        readers: None,
        pool: PoolSizes::default(),
    })
    .await
}

/// The refusal of opening the fixture's file: one line with the path.
async fn refusal(directory: &Path) -> String {
    match open_with(directory, vec![Account::collection()]).await {
        Err(StoreError::Refused { reason }) => {
            assert!(!reason.contains('\n'), "{reason}");
            assert!(
                reason.contains(&file_of(directory).display().to_string()),
                "{reason}"
            );
            reason
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was opened"),
    }
}

#[tokio::test]
async fn a_data_directory_is_made_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let base = tempfile::tempdir().unwrap();
    let data = base.path().join("deep/data");
    let store = open_at("bank", StoreUrl::parse(None, &data).unwrap())
        .await
        .unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("bank.sqlite3")), 0o600);
    assert!(store.describe().contains("bank.sqlite3"));
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_or_written_is_refused() {
    let base = tempfile::tempdir().unwrap();
    let file = base.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let refused = open_at("bank", StoreUrl::Directory(file.join("data")))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("cannot be made"), "{refused}");
    let taken = open_at("bank", StoreUrl::Directory(file)).await.unwrap_err();
    assert!(matches!(taken, StoreError::Refused { .. }), "{taken:?}");
    // A directory in the place of the file: nobody, not even root, can write it.
    std::fs::create_dir(file_of(base.path())).unwrap();
    assert!(refusal(base.path()).await.contains("cannot be written"));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        file_of(directory.path()),
        "not a database, and long enough to see that. ".repeat(100),
    )
    .unwrap();
    assert!(
        refusal(directory.path())
            .await
            .contains("not a WealthOS database")
    );
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let (directory, store) = fresh().await;
    let cx = cx(&store);
    for n in 0..200_u128 {
        let mut batch = store.batch(&cx);
        batch.insert(Uuid::from_u128(n), Account::new(&format!("number {n}"), "1"));
        store.commit(batch).await.unwrap();
    }
    store.close().await;
    let path = file_of(directory.path());
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 16_384].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    assert!(refusal(directory.path()).await.contains("damaged"));
}

#[tokio::test]
async fn another_programs_file_and_a_newer_format_are_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = file_of(directory.path());
    let foreign = Connection::open(&path).unwrap();
    foreign
        .execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)")
        .unwrap();
    drop(foreign);
    let before = std::fs::read(&path).unwrap();
    assert!(refusal(directory.path()).await.contains("another program"));
    assert_eq!(std::fs::read(&path).unwrap(), before);

    let (directory, store) = fresh().await;
    store.close().await;
    let newer = Connection::open(file_of(directory.path())).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    assert!(refusal(directory.path()).await.contains("newer version"));
}

#[tokio::test]
async fn one_file_belongs_to_one_group() {
    let base = tempfile::tempdir().unwrap();
    let url = StoreUrl::File(base.path().join("all.sqlite3"));
    open_at("bank", url.clone()).await.unwrap().close().await;
    let refused = open_at("shop", url).await.unwrap_err().to_string();
    assert!(
        refused.contains("'bank'") && refused.contains("SHOP_DATABASE_URL"),
        "{refused}"
    );
}

#[tokio::test]
async fn preparing_again_changes_nothing() {
    let (directory, store) = fresh().await;
    let first = store.migrations().await.unwrap();
    assert!(first.iter().any(|migration| migration.name == "create accounts"));
    assert!(first.iter().zip(1..).all(|(migration, n)| migration.version == n));
    store.close().await;
    let store = open(directory.path()).await;
    assert_eq!(store.migrations().await.unwrap(), first);
}

#[tokio::test]
async fn two_backends_that_prepare_one_fresh_file_at_once_agree() {
    let directory = tempfile::tempdir().unwrap();
    let stores = futures::future::join_all((0..4).map(|_| open(directory.path()))).await;
    let migrations = stores[0].migrations().await.unwrap();
    for store in &stores {
        assert_eq!(store.migrations().await.unwrap(), migrations);
        store.ping().await.unwrap();
    }
}

/// The accounts as a newer program declares them.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct NewerAccount {
    number: String,
    #[serde(default)]
    owner: Option<String>,
    balance: rust_decimal::Decimal,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    branch: Option<String>,
    #[serde(default)]
    marks: Vec<String>,
}

impl Document for NewerAccount {
    fn collection() -> &'static Collection {
        static ACCOUNTS: LazyLock<Collection> = LazyLock::new(|| {
            Account::collection()
                .clone()
                .field("branch", FieldKind::Text)
                .many("marks")
                .serves(&["branch"], &["number"])
                .serves(&["marks"], &["balance"])
                .serves(&["tags"], &["balance"])
        });
        &ACCOUNTS
    }
}

/// The accounts as a program wrote them that did not yet declare `branch` and `marks`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OlderAccount {
    number: String,
    balance: rust_decimal::Decimal,
    tags: Vec<String>,
    branch: String,
    marks: Vec<String>,
}

impl Document for OlderAccount {
    fn collection() -> &'static Collection {
        Account::collection()
    }
}

fn older(number: &str) -> OlderAccount {
    OlderAccount {
        number: number.into(),
        balance: 5.into(),
        tags: vec!["t".into()],
        branch: "Köln".into(),
        marks: vec!["m".into()],
    }
}

async fn numbers(store: &Store, query: Query) -> Vec<String> {
    let page = store.find_everywhere::<NewerAccount>(query).await.unwrap();
    page.items.into_iter().map(|item| item.data.number).collect()
}

#[tokio::test]
async fn a_new_declared_field_is_filled_and_an_older_process_keeps_filling_it() {
    let (directory, old) = fresh().await;
    let cx = cx(&old);
    let mut batch = old.batch(&cx);
    batch.insert(Uuid::from_u128(1), older("one"));
    old.commit(batch).await.unwrap();

    let new = open_with(directory.path(), vec![NewerAccount::collection()])
        .await
        .unwrap();
    // The older process does not know the new fields, but the file does.
    let mut batch = old.batch(&cx);
    batch.insert(Uuid::from_u128(2), older("two"));
    old.commit(batch).await.unwrap();

    for query in [
        Query::sorted(Sort::ascending("number")).equals("branch", "koln"),
        Query::sorted(Sort::ascending("balance")).equals("marks", "m"),
        Query::sorted(Sort::ascending("balance")).equals("tags", "t"),
        Query::sorted(Sort::ascending("number")).equals("tags", "t"),
    ] {
        assert_eq!(numbers(&new, query.clone()).await, ["one", "two"], "{query:?}");
    }
    let names: Vec<String> = new
        .migrations()
        .await
        .unwrap()
        .into_iter()
        .map(|done| done.name)
        .collect();
    assert!(
        names.iter().any(|name| name == "add accounts.branch"),
        "{names:?}"
    );
}

#[tokio::test]
async fn fields_that_a_program_does_not_know_survive_its_replace() {
    let (_directory, store) = fresh().await;
    let cx = cx(&store);
    let mut batch = store.batch(&cx);
    batch.insert(Uuid::from_u128(1), older("one"));
    batch.event(event(&cx, 1));
    store.commit(batch).await.unwrap();
    let scope = cx.scope().unwrap();
    store
        .update::<Account>(&cx, &scope, Uuid::from_u128(1), |account| {
            account.number = "renamed".into()
        })
        .await
        .unwrap()
        .unwrap();
    let read = store
        .get::<OlderAccount>(&scope, Uuid::from_u128(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((read.number.as_str(), read.branch.as_str()), ("renamed", "Köln"));
}

#[tokio::test]
async fn a_field_that_changes_its_type_is_refused() {
    static CHANGED: LazyLock<Collection> =
        LazyLock::new(|| Collection::new("accounts", Scoping::Tenant).field("number", FieldKind::Int));
    let (directory, store) = fresh().await;
    store.close().await;
    match open_with(directory.path(), vec![&CHANGED]).await {
        Err(StoreError::Refused { reason }) => assert!(reason.contains("'number'"), "{reason}"),
        other => panic!("{:?}", other.err()),
    }
}

#[tokio::test]
async fn a_file_that_a_process_has_open_is_not_replaced() {
    let place = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let store = open(place.path()).await;
    let url = store::StoreUrl::Directory(place.path().to_owned());
    let data = store::DataPlace::new("bank", url, tokio::runtime::Handle::current());
    let backup = data.back_up(files.path()).await.unwrap();
    let refused = data.accepts(&backup, true).await.unwrap_err().to_string();
    assert!(refused.contains("stop every server"), "{refused}");
    store.close().await;
    data.accepts(&backup, true).await.unwrap();
    data.restore(&backup, files.path()).await.unwrap();
    open(place.path()).await.ping().await.unwrap();
}
