//! What the measuring programs of the store share: a document, a store to put it into, and medians.
#![allow(
    dead_code,
    clippy::float_arithmetic,
    reason = "each program takes what it needs; figures are for people"
)]

use kernel::Sources;
use serde::{Deserialize, Serialize};
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};
use store::{
    Backend, Collection, Document, FieldKind, Keyring, ReaderPool, Scoping, SqliteBackend, Store, StoreError,
    StoreParts,
};

/// A posting, as a ledger would keep it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) account: String,
    pub(crate) place: i64,
    pub(crate) amount: String,
    pub(crate) text: String,
}

impl Document for Entry {
    fn collection() -> &'static Collection {
        static ENTRIES: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("entries", Scoping::Tenant)
                .field("account", FieldKind::Text)
                .field("place", FieldKind::Int)
                .serves(&["account"], &["place"])
        });
        &ENTRIES
    }
}

/// An entry of an account.
pub(crate) fn entry(account: &str, place: i64) -> Entry {
    Entry {
        account: account.into(),
        place,
        amount: "1250.00".into(),
        text:
            "Salary of a month, paid by transfer to the account that was named when the contract was signed"
                .into(),
    }
}

/// A store of entries in one SQLite file.
pub(crate) async fn open_file(path: &Path) -> Result<Store, StoreError> {
    let clock = Sources::system().clock().clone();
    let backend = SqliteBackend::open("bank", path, clock, ReaderPool::of_process()?)?;
    open(Arc::new(backend), vec![Entry::collection()]).await
}

/// A store over an engine.
pub(crate) async fn open(
    backend: Arc<dyn Backend>,
    collections: Vec<&'static Collection>,
) -> Result<Store, StoreError> {
    Store::open(StoreParts {
        group: "bank",
        backend,
        keyring: Arc::new(Keyring::new(&[("k".to_owned(), [1; 32])])?),
        sources: Sources::system(),
        collections,
    })
    .await
}

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
