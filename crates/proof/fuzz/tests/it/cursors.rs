//! Cursors of pages: whatever was not made here is refused.

use crate::INPUTS;
use fuzz::spell;
use kernel::{CallContext, PageRequest, Sources, TenantId};
use serde::{Deserialize, Serialize};
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, LazyLock},
};
use store::{
    Collection, Document, FieldKind, Keyring, OpenOptions, PoolSizes, Query, Scoping, Sort, Store,
    StoreError, StoreUrl, open_store,
};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    title: String,
}

impl Document for Note {
    fn collection() -> &'static Collection {
        static NOTES: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("notes", Scoping::Tenant)
                .field("title", FieldKind::Text)
                .serves(&[], &["title"])
        });
        &NOTES
    }
}

fn sorted(cursor: Option<String>) -> Query {
    Query::sorted(Sort::ascending("title")).page(PageRequest {
        limit: 2,
        cursor,
        count: false,
    })
}

async fn store(place: &std::path::Path) -> (Store, CallContext) {
    let sources = Sources::system();
    let store = open_store(OpenOptions {
        group: "notes",
        url: StoreUrl::Directory(place.to_owned()),
        collections: vec![Note::collection()],
        keyring: Arc::new(Keyring::new(&[("test".to_owned(), [7; 32])]).unwrap()),
        sources: sources.clone(),
        runtime: tokio::runtime::Handle::current(),
        readers: None,
        pool: PoolSizes::default(),
    })
    .await
    .unwrap();
    let cx = CallContext::system("notes", TenantId::DEFAULT, sources.ids());
    let mut batch = store.batch(&cx);
    for title in ["a", "b", "c"] {
        let title = title.to_owned();
        batch.insert(sources.ids().next::<kernel::EventId>().0, Note { title });
    }
    store.commit(batch).await.unwrap();
    (store, cx)
}

#[test]
fn forged_cursors_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (store, cx) = runtime.block_on(store(place.path()));
    let scope = cx.scope().unwrap();
    let find = AssertUnwindSafe(|cursor| runtime.block_on(store.find::<Note>(&scope, sorted(cursor))));
    let genuine = (*find)(None).unwrap().next.unwrap();
    assert_eq!((*find)(Some(genuine.clone())).unwrap().items.len(), 1);
    let words = [
        "A",
        "z",
        "0",
        "-",
        "_",
        "=",
        "eyJrIjp7",
        "AAAAAAAAAAAAAAAAAAAAAA",
        " ",
        "%",
        "é",
    ];
    bolero::check!()
        .with_iterations(INPUTS / 4)
        .for_each(|bytes: &[u8]| {
            let forged = match bytes {
                [place, with, 0..128, ..] => {
                    let mut changed = genuine.clone().into_bytes();
                    let place = usize::from(*place) % changed.len();
                    changed[place] = b"ABCDwxyz0189-_"[usize::from(*with) % 14];
                    String::from_utf8(changed).unwrap()
                }
                other => spell(other, &words),
            };
            if forged != genuine {
                let found = (*find)(Some(forged.clone()));
                assert!(matches!(found, Err(StoreError::BadCursor)), "{forged}: {found:?}");
            }
        });
}
