//! What the SQLite tests share: a document, a store in a directory of its own.

use kernel::{CallContext, NewEvent, Sources, TenantId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};
use store::{
    Collection, Document, FieldKind, Keyring, ReaderPool, Scoping, SqliteBackend, Store, StoreError,
    StoreParts,
};
use tempfile::TempDir;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
    pub(crate) balance: Decimal,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
}

impl Document for Account {
    fn collection() -> &'static Collection {
        static ACCOUNTS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("accounts", Scoping::Tenant)
                .field("number", FieldKind::Text)
                .field("owner", FieldKind::Text)
                .field("balance", FieldKind::Decimal)
                .many("tags")
                .unique(&["number"])
                .encrypted("secret")
                .serves(&[], &["number", "owner", "balance"])
                .serves(&["owner"], &["number", "balance"])
                .serves(&["tags"], &["number"])
        });
        &ACCOUNTS
    }
}

impl Account {
    pub(crate) fn new(number: &str, balance: &str) -> Self {
        Self {
            number: number.to_owned(),
            balance: balance.parse().unwrap(),
            ..Self::default()
        }
    }
}

pub(crate) fn keyring() -> Arc<Keyring> {
    Arc::new(Keyring::new(&[("test".to_owned(), [7; 32])]).unwrap())
}

pub(crate) fn file_of(directory: &Path) -> PathBuf {
    directory.join("bank.sqlite3")
}

pub(crate) async fn open_with(
    directory: &Path,
    collections: Vec<&'static Collection>,
) -> Result<Store, StoreError> {
    let sources = Sources::system();
    let backend = SqliteBackend::open(
        "bank",
        &file_of(directory),
        sources.clock().clone(),
        ReaderPool::of_process()?,
    )?;
    Store::open(StoreParts {
        group: "bank",
        backend: Arc::new(backend),
        keyring: keyring(),
        sources,
        collections,
    })
    .await
}

pub(crate) async fn open(directory: &Path) -> Store {
    open_with(directory, vec![Account::collection()]).await.unwrap()
}

pub(crate) async fn fresh() -> (TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    (directory, store)
}

pub(crate) fn cx(store: &Store) -> CallContext {
    CallContext::system("bank", TenantId::DEFAULT, store.sources().ids())
}

pub(crate) fn event(cx: &CallContext, n: u64) -> NewEvent {
    NewEvent::new(
        cx,
        "account.opened",
        format!("account/{n}"),
        serde_json::json!({ "n": n }),
    )
}
