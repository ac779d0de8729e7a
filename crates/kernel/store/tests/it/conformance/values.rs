//! Whatever JSON is written reads back exactly.

use super::{
    place::{Handle, Place, cx, id},
    samples::Counter,
};
use chrono::DateTime;
use kernel::TenantId;
use serde_json::{Map, Value};
use store::{Document, RawBatch, RawDocument, StoreError, Write};

fn raw(n: u128, body: Map<String, Value>) -> RawDocument {
    let moment = DateTime::from_timestamp_millis(1_714_557_600_123).unwrap();
    RawDocument {
        id: id(n),
        version: 1,
        tenant_id: TenantId::DEFAULT,
        created_at: moment,
        updated_at: moment,
        deleted_at: None,
        body,
    }
}

async fn commit(handle: &Handle, write: Write) -> Result<(), StoreError> {
    let batch = RawBatch {
        writes: vec![write],
        events: Vec::new(),
    };
    handle.backend.commit(batch).await.map(drop)
}

const AWKWARD: &[&str] = &[
    r#"{}"#,
    r#"{"numbers": [0, -1, 1.50, 1.5, 0.1, -0.0, 12345678901234567.89, 9223372036854775807, -9223372036854775808]}"#,
    r#"{"big": [9223372036854775808, 18446744073709551616, 123456789012345678901234567890.123456789012345678901234567890]}"#,
    r#"{"exponents": [1e3, 1E-7, 1.5e+300, 1e999, 0.00000000000000000000000000000001]}"#,
    r#"{"nulls": [null, {"a": null, "b": {"c": null, "d": [null, [null]]}}], "none": null}"#,
    r#"{"$gt": "", "$where": "1", "a.b": {"$set": {"x": 1}, "c.d": [{"$ne": null}]}, "": "empty", " ": "blank"}"#,
    r#"{"id": "own", "_id": {"$oid": "x"}, "version": "own", "tenant_id": 7, "created_at": null, "deleted_at": "no"}"#,
    r#"{"_k": {"value": 1}, "_x": "text", "_json": "{}", "body": {"_json": "not ours", "_k": []}}"#,
    r#"{"unicode": "é e\u0301 \u0000 \u001f \ud83d\ude00 \uffff \u2028", "k\u0000ey": 1, "ключ": "значение"}"#,
    r#"{"text": "0190a1b2-0000-7000-8000-000000000001", "time": "2024-05-01T10:00:00Z", "digits": "1.50"}"#,
    r#"{"empty": [[], {}, "", [[]], [{}]], "deep": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[["x"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"#,
];

pub(crate) async fn awkward_json_reads_back_exactly(place: &Place) {
    let handle = place.open(&[Counter::collection()]).await;
    let collection = Counter::collection();
    for (text, n) in AWKWARD.iter().zip(1..) {
        let body: Map<String, Value> = serde_json::from_str(text).unwrap();
        let mut document = raw(n, body);
        for version in 1..=2 {
            document.version = version;
            let write = match version {
                1 => Write::Insert {
                    collection,
                    document: document.clone(),
                },
                _ => Write::Replace {
                    collection,
                    document: document.clone(),
                },
            };
            commit(&handle, write).await.unwrap();
            let read = handle
                .backend
                .get(collection, document.id)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(read, document, "{text}");
        }
    }
}

pub(crate) async fn large_documents_are_kept_or_refused_in_words(place: &Place) {
    let handle = place.open(&[Counter::collection()]).await;
    let collection = Counter::collection();
    let of_size = |n: u128, bytes: usize| {
        let mut body = Map::new();
        body.insert(
            "lines".to_owned(),
            Value::from(vec!["0123456789abcdef".repeat(64); bytes / 1024]),
        );
        raw(n, body)
    };
    let large = of_size(1, 3 << 20);
    let insert = |document: &RawDocument| Write::Insert {
        collection,
        document: document.clone(),
    };
    commit(&handle, insert(&large)).await.unwrap();
    assert_eq!(handle.backend.get(collection, id(1)).await.unwrap(), Some(large));

    let huge = of_size(2, 17 << 20);
    match commit(&handle, insert(&huge)).await {
        Ok(()) => assert_eq!(handle.backend.get(collection, id(2)).await.unwrap(), Some(huge)),
        Err(StoreError::Internal { cause }) => {
            assert!(cause.to_string().contains("16 MiB"), "{cause}");
            assert_eq!(handle.backend.get(collection, id(2)).await.unwrap(), None);
        }
        Err(other) => panic!("{other:?}"),
    }
    // The store goes on.
    let mut batch = handle.batch(&cx(&handle));
    batch.insert(id(3), Counter { value: 3 });
    handle.commit(batch).await.unwrap();
}
