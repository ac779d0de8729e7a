//! Blobs on SQLite.

use crate::sqlite_fixture::{cx, file_of, fresh};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use store::{Blob, Store, StoreError};

/// A million bytes in pieces of odd sizes.
fn pieces() -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let mut written = 0_usize;
    while written < 1_000_000 {
        let length = (written % 70_001 + 1).min(1_000_000 - written);
        pieces.push(
            (0..length)
                .map(|n| u8::try_from((written + n) % 251).unwrap())
                .collect(),
        );
        written += length;
    }
    pieces
}

async fn read(store: &Store, blob: &Blob) -> Result<Vec<u8>, StoreError> {
    let chunks: Vec<Bytes> = store.read_blob(blob).try_collect().await?;
    Ok(chunks.concat())
}

#[tokio::test]
async fn a_blob_reads_back_and_stands_encrypted_in_the_file() {
    let (directory, store) = fresh().await;
    let cx = cx(&store);
    let marker = Bytes::from_static(b"a secret that must not stand in the file");
    let all = [pieces(), vec![marker.clone()]].concat();
    let written = store
        .write_blob(&cx, stream::iter(all.clone()).map(Ok::<_, StoreError>))
        .await
        .unwrap();
    assert_eq!(written.length, 1_000_000 + marker.len() as u64);
    let blob = store
        .blob(&cx.scope().unwrap(), written.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(blob, written);
    assert_eq!(read(&store, &blob).await.unwrap(), all.concat());
    store.close().await;
    let file = std::fs::read(file_of(directory.path())).unwrap();
    assert!(!file.windows(marker.len()).any(|window| window == marker));
}

#[tokio::test]
async fn an_empty_blob_is_a_blob() {
    let (_directory, store) = fresh().await;
    let blob = store
        .write_blob(&cx(&store), stream::empty::<Result<Bytes, StoreError>>())
        .await
        .unwrap();
    assert_eq!(blob.length, 0);
    assert!(read(&store, &blob).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_stream_that_fails_leaves_nothing_and_a_removed_blob_is_gone() {
    let (directory, store) = fresh().await;
    let cx = cx(&store);
    let broken = stream::iter(pieces())
        .map(Ok)
        .chain(stream::iter([Err(StoreError::unavailable("the line went dead"))]));
    assert!(store.write_blob(&cx, broken).await.is_err());
    let blob = store
        .write_blob(&cx, stream::iter(pieces()).map(Ok::<_, StoreError>))
        .await
        .unwrap();
    store.remove_blob(&cx, &blob).await.unwrap();
    store.remove_blob(&cx, &blob).await.unwrap();
    assert!(store.blob(&cx.scope().unwrap(), blob.id).await.unwrap().is_none());
    assert!(read(&store, &blob).await.is_err());
    let file = rusqlite::Connection::open(file_of(directory.path())).unwrap();
    for table in ["blobs", "blob_chunks"] {
        let left: i64 = file
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap();
        assert_eq!(left, 0, "{table}");
    }
}
