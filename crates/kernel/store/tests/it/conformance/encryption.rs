//! Sensitive fields.

use super::{
    place::{Handle, Place, cx, cx_of, id},
    samples::Secret,
};
use kernel::TenantId;
use store::{Document, Query, RawBatch, StoreError, Write};

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
