//! Sensitive fields.

use super::{
    place::{Handle, Place, cx, cx_of, id},
    samples::Secret,
};
use futures::StreamExt;
use kernel::TenantId;
use std::sync::Arc;
use store::{Document, Keyring, Query, RawBatch, StoreError, Write};

fn secret(pan: &str, handle: &Handle) -> Secret {
    Secret {
        pan: Some(pan.into()),
        pan_lookup: Some(handle.keyring().lookup(Secret::collection(), "pan", pan)),
        tokens: Some(serde_json::json!({ "access": "tok-very-secret", "scopes": ["a", 1.50] })),
        open: "in the clear".into(),
    }
}

async fn write(handle: &Handle, tenant: TenantId, n: u128, secret: &Secret) {
    let mut batch = handle.batch(&cx_of(handle, tenant));
    batch.insert(id(n), secret.clone());
    handle.commit(batch).await.unwrap();
}

pub(crate) async fn sensitive_fields_never_reach_the_engine(place: &Place) {
    let handle = place.open(&[Secret::collection()]).await;
    let secret = secret("ABCDE1234F", &handle);
    write(&handle, TenantId::DEFAULT, 1, &secret).await;
    let raw = handle
        .backend
        .get(Secret::collection(), id(1))
        .await
        .unwrap()
        .unwrap();
    let text = format!("{raw:?}");
    assert!(text.contains("in the clear") && text.contains("enc:test:"));
    for plain in ["ABCDE1234F", "abcde1234f", "tok-very-secret", "scopes"] {
        assert!(!text.contains(plain), "{text}");
    }
    let read = handle.get_anywhere::<Secret>(id(1)).await.unwrap().unwrap();
    assert_eq!(read.data, secret);
    // A replace encrypts anew; null stays null.
    let mut batch = handle.batch(&cx(&handle));
    batch.replace(&read.changed(|secret| secret.tokens = None));
    handle.commit(batch).await.unwrap();
    let raw = handle
        .backend
        .get(Secret::collection(), id(1))
        .await
        .unwrap()
        .unwrap();
    assert!(raw.body["tokens"].is_null());
    assert!(raw.body["pan"].as_str().unwrap().starts_with("enc:"));
}

pub(crate) async fn ciphertext_opens_only_in_its_place(place: &Place) {
    let handle = place.open(&[Secret::collection()]).await;
    let secret = secret("ABCDE1234F", &handle);
    write(&handle, TenantId::DEFAULT, 1, &secret).await;
    write(&handle, TenantId::DEFAULT, 2, &secret).await;
    write(&handle, TenantId(id(77)), 3, &secret).await;
    let raw = |n| handle.backend.get(Secret::collection(), id(n));
    let first = raw(1).await.unwrap().unwrap();
    for (n, from, to) in [(2, "pan", "pan"), (3, "pan", "pan"), (1, "pan", "tokens")] {
        let mut forged = raw(n).await.unwrap().unwrap();
        forged.body.insert(to.to_owned(), first.body[from].clone());
        forged.version += 1;
        let batch = RawBatch {
            writes: vec![Write::Replace {
                collection: Secret::collection(),
                document: forged,
            }],
            events: Vec::new(),
        };
        handle.backend.commit(batch).await.unwrap();
        let read = handle.get_anywhere::<Secret>(id(n)).await;
        assert!(matches!(read, Err(StoreError::Internal { .. })), "{n}: {read:?}");
    }
}

pub(crate) async fn a_lookup_finds_an_encrypted_text(place: &Place) {
    let handle = place.open(&[Secret::collection()]).await;
    for (n, pan) in [(1, "ABCDE1234F"), (2, "ZZZZZ9999Z")] {
        // The hash is the store's affair.
        let secret = Secret {
            pan_lookup: None,
            ..secret(pan, &handle)
        };
        write(&handle, TenantId::DEFAULT, n, &secret).await;
    }
    let hash = handle.keyring().lookup(Secret::collection(), "pan", "abcde1234f");
    let query = Query::all().equals("pan_lookup", hash);
    let scope = cx(&handle).scope().unwrap();
    let found = handle.find::<Secret>(&scope, query).await.unwrap();
    assert_eq!(found.items.len(), 1);
    assert_eq!(found.items[0].pan.as_deref(), Some("ABCDE1234F"));
}

pub(crate) async fn everything_is_encrypted_anew_after_a_rotation(place: &Place) {
    let old = ("test".to_owned(), [7; 32]);
    let new = ("next".to_owned(), [8; 32]);
    let handle = place.open(&[Secret::collection()]).await;
    let known = secret("ABCDE1234F", &handle);
    for n in 1..=3 {
        write(&handle, TenantId(id(n)), n, &known).await;
    }
    let deleted = handle.get_anywhere::<Secret>(id(3)).await.unwrap().unwrap();
    let mut batch = handle.batch(&cx(&handle));
    batch.delete(&deleted);
    handle.commit(batch).await.unwrap();
    let bytes = bytes::Bytes::from_static(b"a statement");
    let bytes = futures::stream::iter([Ok::<_, StoreError>(bytes)]);
    let blob = handle.write_blob(&cx(&handle), bytes).await.unwrap();

    let both = Arc::new(Keyring::new(&[new.clone(), old.clone()]).unwrap());
    let rotated = place.open_under(both, &[Secret::collection()]).await;
    assert_eq!(
        found_by(&rotated, "abcde1234f").await,
        2,
        "before anything is encrypted anew"
    );
    let before = rotated.get_anywhere::<Secret>(id(1)).await.unwrap().unwrap();
    let done = rotated.reencrypt(&cx(&rotated)).await.unwrap();
    let of = |name: &str| done.iter().find(|one| one.collection == name).unwrap();
    assert_eq!(
        (of("secrets").documents, of("secrets").changed),
        (3, 3),
        "{done:?}"
    );
    assert_eq!(of("blob_chunks").changed, 1, "{done:?}");
    assert_eq!(found_by(&rotated, "abcde1234f").await, 2, "and after");
    let again = rotated.reencrypt(&cx(&rotated)).await.unwrap();
    assert!(again.iter().all(|one| one.changed == 0), "{again:?}");
    let after = rotated.get_anywhere::<Secret>(id(1)).await.unwrap().unwrap();
    assert_ne!(
        after.data.pan_lookup, before.data.pan_lookup,
        "the hash is under the new key"
    );
    let otherwise = Secret {
        pan_lookup: before.data.pan_lookup.clone(),
        ..after.data
    };
    assert_eq!(
        (&otherwise, after.updated_at),
        (&before.data, before.updated_at),
        "and nothing else is another"
    );
    let raw = rotated
        .backend
        .get(Secret::collection(), id(3))
        .await
        .unwrap()
        .unwrap();
    assert!(raw.deleted_at.is_some());
    assert!(
        !format!("{raw:?}").contains("enc:test:"),
        "deleted documents as well: {raw:?}"
    );

    let alone = Arc::new(Keyring::new(&[new]).unwrap());
    let alone = place.open_under(alone, &[Secret::collection()]).await;
    let mut read = alone
        .read_blob(
            &alone
                .blob(&cx(&alone).scope().unwrap(), blob.id)
                .await
                .unwrap()
                .unwrap(),
        )
        .boxed();
    assert_eq!(read.next().await.unwrap().unwrap(), "a statement");
    assert_eq!(found_by(&alone, "abcde1234f").await, 2, "with the new key alone");
    let done = alone.reencrypt(&cx(&alone)).await.unwrap();
    assert!(done.iter().all(|one| one.changed == 0), "{done:?}");
    assert!(
        handle.get_anywhere::<Secret>(id(1)).await.is_err(),
        "the old key opens nothing any more"
    );
}

/// How many documents are found by an encrypted text, under whatever key its hash is.
async fn found_by(store: &Handle, pan: &str) -> usize {
    let mut found = 0;
    for hash in store.keyring().lookups(Secret::collection(), "pan", pan) {
        let query = Query::all().equals("pan_lookup", hash);
        found += store.find_everywhere::<Secret>(query).await.unwrap().items.len();
    }
    found
}
