//! What of a user's data goes with the user.

use super::place::{Place, cx};
use bytes::Bytes;
use futures::stream;
use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{BlobId, Collection, Document, FieldKind, Key, Query, Scoping, Sort, StoreError};
use uuid::Uuid;

/// A letter from somebody to somebody, with a scan of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Letter {
    user_id: UserId,
    scan: Option<BlobId>,
    from_id: Uuid,
    to_id: Option<Uuid>,
    copies: Vec<Uuid>,
    pages: u32,
}

const CONCERNS: &str = "from_id|to_id|copies";

impl Document for Letter {
    fn collection() -> &'static Collection {
        static LETTERS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("letters", Scoping::Owner)
                .field("pages", FieldKind::Int)
                .any_of(CONCERNS, FieldKind::Uuid)
                .belongs_to(CONCERNS)
                .serves(&[CONCERNS], &["pages"])
                .personal_blob("scan")
                .removed_with_user()
        });
        &LETTERS
    }
}

fn letter(user: u128, (from, to): (u128, Option<u128>), copies: &[u128], pages: u32) -> Letter {
    Letter {
        user_id: UserId(Uuid::from_u128(user)),
        scan: None,
        from_id: Uuid::from_u128(from),
        to_id: to.map(Uuid::from_u128),
        copies: copies.iter().copied().map(Uuid::from_u128).collect(),
        pages,
    }
}

/// Documents of a kernel's collection, whatever firm: there is no other way to see what nobody is to see.
async fn left(place: &Place, name: &'static str) -> usize {
    let collection: &'static Collection =
        Box::leak(Box::new(Collection::new(name, Scoping::Tenant).in_every_group()));
    let handle = place.open(&[Letter::collection()]).await;
    handle.backend.scan(collection, None, 200).await.unwrap().len()
}

pub(crate) async fn the_blobs_of_an_erased_user_go_and_nobody_elses(place: &Place) {
    let store = place.open(&[Letter::collection()]).await;
    let cx = cx(&store);
    let mut scans = Vec::new();
    for user in [1, 1, 2] {
        let pieces = stream::iter([Bytes::from(vec![7; 300_000]), Bytes::from(vec![8; 300_000])]);
        let scan = store
            .write_blob(&cx, futures::StreamExt::map(pieces, Ok::<_, StoreError>))
            .await
            .unwrap();
        let mut batch = store.batch(&cx);
        let record = Letter {
            scan: Some(scan.id),
            ..letter(user, (1, None), &[], 1)
        };
        batch.insert(store.sources().ids().next::<Uuid>(), record);
        store.commit(batch).await.unwrap();
        scans.push(scan);
    }
    assert_eq!(
        (left(place, "blobs").await, left(place, "blob_chunks").await),
        (3, 9)
    );
    store.erase_user(&cx, UserId(Uuid::from_u128(1))).await.unwrap();
    assert_eq!(
        (left(place, "blobs").await, left(place, "blob_chunks").await),
        (1, 3)
    );
    let scope = cx.scope().unwrap();
    for (scan, stays) in scans.iter().zip([false, false, true]) {
        assert_eq!(store.blob(&scope, scan.id).await.unwrap().is_some(), stays);
    }
    let bytes: Vec<Bytes> = futures::TryStreamExt::try_collect(store.read_blob(&scans[2]))
        .await
        .unwrap();
    assert_eq!(bytes.concat().len(), 600_000);
    // Done again after a crash, it finds nothing to do.
    assert_eq!(
        store.erase_user(&cx, UserId(Uuid::from_u128(1))).await.unwrap(),
        0
    );
}

pub(crate) async fn a_field_with_several_places_matches_at_any_of_them(place: &Place) {
    // What was written before the field was declared is found as well.
    static OLDER: LazyLock<Collection> = LazyLock::new(|| Collection::new("letters", Scoping::Owner));
    let older = place.open(&[&OLDER]).await;
    let letters = [
        letter(1, (10, Some(20)), &[], 1),
        letter(1, (20, Some(10)), &[], 2),
        letter(1, (30, None), &[10, 20, 10], 3),
        letter(1, (10, Some(10)), &[], 4),
        letter(1, (30, None), &[], 5),
    ];
    let insert = async |store: &store::Store, letters: &[Letter]| {
        let mut batch = store.batch(&cx(store));
        for letter in letters {
            batch.insert(Uuid::from_u128(u128::from(letter.pages)), letter.clone());
        }
        store.commit(batch).await.unwrap();
    };
    insert(&older, &letters[..3]).await;
    let store = place.open(&[Letter::collection()]).await;
    insert(&store, &letters[3..]).await;
    let found = async |id: u128, sort: Sort| {
        let query = Query::sorted(sort).equals(CONCERNS, Uuid::from_u128(id)).limit(2);
        let scope = cx(&store).scope().unwrap();
        let (mut pages, mut cursor) = (Vec::new(), None);
        loop {
            let page = kernel::PageRequest {
                limit: 2,
                cursor,
                count: true,
            };
            let found = store
                .find::<Letter>(&scope, query.clone().page(page))
                .await
                .unwrap();
            pages.extend(found.items.iter().map(|letter| letter.pages));
            cursor = found.next;
            if cursor.is_none() {
                assert_eq!(found.total, Some(pages.len() as u64));
                return pages;
            }
        }
    };
    assert_eq!(found(10, Sort::ascending("pages")).await, [1, 2, 3, 4]);
    assert_eq!(found(20, Sort::descending("pages")).await, [3, 2, 1]);
    assert_eq!(found(30, Sort::ascending("pages")).await, [3, 5]);
    let bounded = Query::sorted(Sort::ascending("pages"))
        .equals(CONCERNS, Uuid::from_u128(10))
        .between(Some(Key::Int(2)), Some(Key::Int(4)));
    let page = store
        .find::<Letter>(&cx(&store).scope().unwrap(), bounded)
        .await
        .unwrap();
    assert_eq!(page.items.len(), 2);
}
