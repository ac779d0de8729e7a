use crate::{
    Collection, Document, FieldKind, Key, Keyring, Query, Scoping, Sort, Store, StoreError, Stored,
    backend::RawDocument,
};
use aws_lc_rs::digest::{Context, SHA256};
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures::{Stream, TryStreamExt, stream};
use kernel::{CallContext, Scope, TenantId};
use serde::{Deserialize, Serialize};
use std::{pin::pin, sync::LazyLock};
use uuid::Uuid;

/// How many bytes stand in one document: far below the limit of every engine.
const CHUNK: usize = 256 * 1024;

/// How many chunks one commit removes.
const REMOVED_AT_ONCE: u32 = 16;

kernel::define_id!(
    /// A blob: bytes that are too many for a document.
    BlobId
);

/// What is known of a blob. It exists when all its bytes are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The id.
    pub id: BlobId,
    /// How many bytes.
    pub length: u64,
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
    /// When it was written, UTC.
    pub created_at: DateTime<Utc>,
    tenant: TenantId,
    chunks: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BlobRecord {
    length: u64,
    sha256: String,
    chunks: u64,
    /// Chunks stand before the blob is complete, and may be left over when a process dies.
    complete: bool,
}

impl Document for BlobRecord {
    fn collection() -> &'static Collection {
        static BLOBS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("blobs", Scoping::Tenant)
                .in_every_group()
                .field("complete", FieldKind::Bool)
                .serves(&["complete"], &["created_at"])
        });
        &BLOBS
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChunkRecord {
    blob: Uuid,
    number: u64,
    /// Ciphertext, bound to the blob and the number.
    bytes: String,
}

impl Document for ChunkRecord {
    fn collection() -> &'static Collection {
        static CHUNKS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("blob_chunks", Scoping::Tenant)
                .in_every_group()
                .field("blob", FieldKind::Uuid)
                .serves(&["blob"], &["id"])
        });
        &CHUNKS
    }
}

impl Store {
    /// Writes a blob from a stream, holding no more than one chunk in memory. It can be read once this answers; a
    /// stream that fails leaves nothing, and what a process that dies leaves goes with [`Store::sweep_blobs`].
    pub async fn write_blob<E>(
        &self,
        cx: &CallContext,
        bytes: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<Blob, E>
    where
        E: From<StoreError>,
    {
        let record = BlobRecord {
            length: 0,
            sha256: String::new(),
            chunks: 0,
            complete: false,
        };
        let mut batch = self.batch(cx);
        let begun = batch.insert(self.sources().ids().next::<Uuid>(), record);
        self.commit(batch).await?;
        match self.write_chunks(cx, &begun, bytes).await {
            Ok(record) => {
                let mut batch = self.batch(cx);
                let done = batch.replace(&begun.with(record));
                self.commit(batch).await?;
                Ok(Blob::of(&done))
            }
            Err(error) => {
                if let Err(left) = self.remove_stored(cx, &begun).await {
                    tracing::warn!(blob = %begun.id, error = ?left, "a blob that was broken off is left to the sweep");
                }
                Err(error)
            }
        }
    }

    /// A complete blob of the caller's firm. Who may see it is the caller's business: scope what names the blob.
    pub async fn blob(&self, scope: &Scope, id: BlobId) -> Result<Option<Blob>, StoreError> {
        let stored = self.get::<BlobRecord>(scope, id).await?;
        Ok(stored
            .filter(|stored| stored.complete)
            .map(|stored| Blob::of(&stored)))
    }

    /// The bytes of a blob, chunk by chunk. The stream ends with an error when bytes are missing or were changed.
    pub fn read_blob(&self, blob: &Blob) -> impl Stream<Item = Result<Bytes, StoreError>> + Send + 'static {
        let (store, blob) = (self.clone(), blob.clone());
        stream::try_unfold((0, Context::new(&SHA256)), move |(number, mut digest)| {
            let (store, blob) = (store.clone(), blob.clone());
            async move {
                if number >= blob.chunks {
                    let whole = hex::encode(digest.finish().as_ref()) == blob.sha256;
                    return if whole { Ok(None) } else { Err(damaged(blob.id)) };
                }
                let id = chunk_id(blob.id, number);
                let chunk = store.get_anywhere::<ChunkRecord>(id).await?;
                let chunk = chunk.ok_or_else(|| damaged(blob.id))?;
                let binding = binding(blob.tenant, blob.id, number);
                let bytes = store.keyring().decrypt_bytes(&binding, &chunk.bytes)?;
                digest.update(&bytes);
                Ok(Some((Bytes::from(bytes), (number + 1, digest))))
            }
        })
    }

    /// Removes a blob with all its bytes; nothing happens when it is gone.
    pub async fn remove_blob(&self, cx: &CallContext, blob: &Blob) -> Result<(), StoreError> {
        match self.get_anywhere::<BlobRecord>(blob.id).await? {
            Some(stored) => self.remove_stored(cx, &stored).await,
            None => Ok(()),
        }
    }

    /// Removes the blob of an id, complete or not; nothing happens when there is none.
    pub(crate) async fn remove_blob_of(&self, cx: &CallContext, id: Uuid) -> Result<(), StoreError> {
        let stored = self.get_anywhere::<BlobRecord>(id).await?;
        match stored.filter(|stored| stored.tenant_id == cx.tenant()) {
            Some(stored) => self.remove_stored(cx, &stored).await,
            None => Ok(()),
        }
    }

    /// Removes what was begun before `before` and never completed, in all firms; answers how many.
    pub async fn sweep_blobs(&self, cx: &CallContext, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut swept = 0;
        loop {
            let query = Query::all()
                .equals("complete", false)
                .between(None, Some(Key::from(before)))
                .limit(REMOVED_AT_ONCE);
            let page = self.find_everywhere::<BlobRecord>(query).await?;
            for stored in &page.items {
                self.remove_stored(cx, stored).await?;
                swept += 1;
            }
            if page.next.is_none() {
                return Ok(swept);
            }
        }
    }

    async fn write_chunks<E: From<StoreError>>(
        &self,
        cx: &CallContext,
        begun: &Stored<BlobRecord>,
        bytes: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<BlobRecord, E> {
        let mut digest = Context::new(&SHA256);
        let mut record = begun.data.clone();
        record.complete = true;
        let mut waiting = BytesMut::new();
        let mut bytes = pin!(bytes);
        while let Some(mut piece) = bytes.try_next().await? {
            digest.update(&piece);
            record.length += piece.len() as u64;
            while !piece.is_empty() {
                let part = piece.split_to(piece.len().min(CHUNK - waiting.len()));
                waiting.extend_from_slice(&part);
                if waiting.len() == CHUNK {
                    self.write_chunk(cx, begun, record.chunks, &waiting).await?;
                    record.chunks += 1;
                    waiting.clear();
                }
            }
        }
        if !waiting.is_empty() {
            self.write_chunk(cx, begun, record.chunks, &waiting).await?;
            record.chunks += 1;
        }
        record.sha256 = hex::encode(digest.finish().as_ref());
        Ok(record)
    }

    async fn write_chunk(
        &self,
        cx: &CallContext,
        begun: &Stored<BlobRecord>,
        number: u64,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let blob = BlobId(begun.id);
        let sealed = self
            .keyring()
            .encrypt_bytes(&binding(begun.tenant_id, blob, number), bytes)?;
        let mut batch = self.batch(cx);
        batch.insert(
            chunk_id(blob, number),
            ChunkRecord {
                blob: blob.0,
                number,
                bytes: sealed,
            },
        );
        // The sweep of another process must not have taken the blob away.
        batch.require(begun);
        self.commit(batch).await?;
        Ok(())
    }

    /// The record turns incomplete first, so that nobody begins to read, and goes last, so that the sweep finds what a
    /// process that dies in between leaves.
    async fn remove_stored(&self, cx: &CallContext, stored: &Stored<BlobRecord>) -> Result<(), StoreError> {
        let mut current = stored.clone();
        if current.complete {
            let mut batch = self.batch(cx);
            current = batch.replace(&current.changed(|record| record.complete = false));
            self.commit(batch).await?;
        }
        loop {
            let query = Query::sorted(Sort::ascending("id"))
                .equals("blob", current.id)
                .limit(REMOVED_AT_ONCE);
            let page = self.find_everywhere::<ChunkRecord>(query).await?;
            let mut batch = self.batch(cx);
            for chunk in &page.items {
                batch.remove(chunk);
            }
            if page.next.is_none() {
                batch.remove(&current);
            }
            self.commit(batch).await?;
            if page.next.is_none() {
                return Ok(());
            }
        }
    }
}

impl Blob {
    fn of(stored: &Stored<BlobRecord>) -> Self {
        Self {
            id: BlobId(stored.id),
            length: stored.length,
            sha256: stored.sha256.clone(),
            created_at: stored.created_at,
            tenant: stored.tenant_id,
            chunks: stored.chunks,
        }
    }
}

/// A chunk's ciphertext under the current key; none when it is there already.
pub(crate) fn chunk_sealed_anew(
    keyring: &Keyring,
    document: &RawDocument,
) -> Result<Option<String>, StoreError> {
    let body = serde_json::Value::Object(document.body.clone());
    let chunk = ChunkRecord::deserialize(body).map_err(|cause| StoreError::shape("blob_chunks", cause))?;
    if keyring.is_current(&chunk.bytes) {
        return Ok(None);
    }
    let binding = binding(document.tenant_id, BlobId(chunk.blob), chunk.number);
    let bytes = keyring.decrypt_bytes(&binding, &chunk.bytes)?;
    keyring.encrypt_bytes(&binding, &bytes).map(Some)
}

fn damaged(id: BlobId) -> StoreError {
    StoreError::shape("blobs", format!("the blob {id} is not complete or was changed"))
}

fn binding(tenant: TenantId, blob: BlobId, number: u64) -> String {
    format!("{tenant}/blob_chunks/{blob}/{number}")
}

fn chunk_id(blob: BlobId, number: u64) -> Uuid {
    Uuid::new_v5(&blob.0, &number.to_be_bytes())
}
