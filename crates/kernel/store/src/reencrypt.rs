use crate::{
    Batch, Collection, Document, Store, StoreError,
    backend::{RawBatch, RawDocument, Write},
    blob::{self, ChunkRecord},
};
use kernel::CallContext;
use serde::Serialize;
use uuid::Uuid;

/// How many documents are read at once.
const PAGE: u32 = 200;

/// How often a document is read again because somebody else changed it meanwhile.
const ATTEMPTS: usize = 16;

/// What came of encrypting a collection anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reencrypted {
    /// The collection.
    pub collection: &'static str,
    /// How many documents were looked at, deleted ones included.
    pub documents: u64,
    /// How many of them were written anew.
    pub changed: u64,
}

impl Store {
    /// Encrypts everything anew that is not under the current key, and renews keyed hashes; deleted documents and blobs
    /// as well. Servers may go on meanwhile. Running it again changes nothing.
    pub async fn reencrypt(&self, cx: &CallContext) -> Result<Vec<Reencrypted>, StoreError> {
        let mut done = Vec::new();
        let chunks = ChunkRecord::collection().name();
        for collection in self.all_collections() {
            if collection.encrypted.is_empty() && collection.name() != chunks {
                continue;
            }
            done.push(self.reencrypt_collection(cx, collection).await?);
        }
        Ok(done)
    }

    async fn reencrypt_collection(
        &self,
        cx: &CallContext,
        collection: &'static Collection,
    ) -> Result<Reencrypted, StoreError> {
        let mut done = Reencrypted {
            collection: collection.name(),
            documents: 0,
            changed: 0,
        };
        let mut after: Option<Uuid> = None;
        loop {
            let page = self.backend().scan(collection, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(done);
            };
            after = Some(last.id);
            for document in page {
                done.documents += 1;
                if self.reencrypt_document(cx, collection, document).await? {
                    done.changed += 1;
                }
            }
        }
    }

    /// Whether the document had to be written.
    async fn reencrypt_document(
        &self,
        cx: &CallContext,
        collection: &'static Collection,
        document: RawDocument,
    ) -> Result<bool, StoreError> {
        let mut current = document;
        for _ in 0..ATTEMPTS {
            let Some(next) = self.sealed_anew(collection, &current)? else {
                return Ok(false);
            };
            let id = next.id;
            let mut batch: Batch = self.batch(cx);
            batch.raw = RawBatch {
                writes: vec![Write::Replace {
                    collection,
                    document: next,
                }],
                events: Vec::new(),
            };
            match self.commit(batch).await {
                Ok(_) => return Ok(true),
                Err(StoreError::VersionConflict { .. }) => {}
                Err(error) => return Err(error),
            }
            match self.backend().get(collection, id).await? {
                Some(fresh) => current = fresh,
                None => return Ok(false),
            }
        }
        Err(StoreError::internal(
            "a document was changed again and again while it was encrypted anew",
        ))
    }

    /// The next version of a document under the current key; none when it is there already. Nothing but the ciphertext
    /// changes, not even the time of the last change.
    fn sealed_anew(
        &self,
        collection: &'static Collection,
        document: &RawDocument,
    ) -> Result<Option<RawDocument>, StoreError> {
        let keyring = self.keyring();
        let mut body = document.body.clone();
        if collection.name() == ChunkRecord::collection().name() {
            let Some(sealed) = blob::chunk_sealed_anew(keyring, document)? else {
                return Ok(None);
            };
            body.insert("bytes".to_owned(), sealed.into());
        } else {
            let old = collection.encrypted.iter().any(|field| {
                let sealed = body.get(*field).and_then(serde_json::Value::as_str);
                sealed.is_some_and(|sealed| !keyring.is_current(sealed))
            });
            keyring.open(collection, document.tenant_id, document.id, &mut body)?;
            let lookups = collection.lookups.iter();
            let mut hashes = lookups.map(|(field, lookup)| {
                let text = body.get(*field).and_then(serde_json::Value::as_str);
                let hash = text.map(|text| keyring.lookup(collection, field, text));
                hash.as_deref() == document.body.get(*lookup).and_then(serde_json::Value::as_str)
            });
            if !old && hashes.all(|same| same) {
                return Ok(None);
            }
            keyring.seal(collection, document.tenant_id, document.id, &mut body)?;
        }
        Ok(Some(RawDocument {
            version: document.version + 1,
            body,
            ..document.clone()
        }))
    }
}
