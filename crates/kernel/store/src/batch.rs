use crate::{
    Collection, Document, Store, StoreError, Stored,
    backend::{RawBatch, RawDocument, Write},
    document::body_of,
    encryption::Keyring,
};
use chrono::{DateTime, Utc};
use kernel::{CallContext, NewEvent, Sources, TenantId};
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

/// What is to be committed together: documents, the events they cause, an idempotency record, a consumer's cursor.
///
/// A mistake (data that does not serialise) is kept and answered by the commit.
#[derive(Clone)]
pub struct Batch {
    sources: Sources,
    keyring: Arc<Keyring>,
    tenant: TenantId,
    now: DateTime<Utc>,
    pub(crate) raw: RawBatch,
    pub(crate) mistake: Option<StoreError>,
}

impl Batch {
    pub(crate) fn new(store: &Store, cx: &CallContext) -> Self {
        Self {
            sources: store.sources().clone(),
            keyring: store.keyring().clone(),
            tenant: cx.tenant(),
            now: store.sources().now(),
            raw: RawBatch::default(),
            mistake: None,
        }
    }

    /// The time that everything in this batch carries.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The same batch in another firm: for callers who belong to none yet.
    #[must_use]
    pub fn in_tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = tenant;
        self
    }

    /// Adds a new document and answers how it will read.
    pub fn insert<T: Document>(&mut self, id: impl Into<Uuid>, data: T) -> Stored<T> {
        self.insert_for(self.tenant, id.into(), data)
    }

    /// Adds a new document of a given firm: for records of the process itself.
    pub(crate) fn insert_for<T: Document>(&mut self, tenant: TenantId, id: Uuid, data: T) -> Stored<T> {
        let stored = Stored {
            id,
            version: 1,
            tenant_id: tenant,
            created_at: self.now,
            updated_at: self.now,
            deleted_at: None,
            data,
            raw: Arc::new(Map::new()),
        };
        self.put(&stored, true);
        stored
    }

    /// Replaces a document that was read; refused when somebody else changed it since. Fields that this program does
    /// not know are kept. Answers how it will read.
    pub fn replace<T: Document>(&mut self, document: &Stored<T>) -> Stored<T> {
        let mut next = document.clone();
        next.version += 1;
        next.updated_at = self.now;
        self.put(&next, false);
        next
    }

    /// Marks a document that was read as deleted: it leaves lists and unique indexes, and can be restored.
    pub fn delete<T: Document>(&mut self, document: &Stored<T>) -> Stored<T> {
        let mut next = document.clone();
        next.deleted_at = Some(self.now);
        self.replace(&next)
    }

    /// Refuses the commit unless the document still has the version that was read.
    pub fn require<T: Document>(&mut self, document: &Stored<T>) {
        self.raw.writes.push(Write::Require {
            collection: T::collection(),
            id: document.id,
            version: document.version,
        });
    }

    /// Removes a document without a trace: for what has expired and for erasure.
    pub fn remove<T: Document>(&mut self, document: &Stored<T>) {
        self.raw.writes.push(Write::Remove {
            collection: T::collection(),
            id: document.id,
            version: document.version,
        });
    }

    /// Adds an event.
    pub fn event(&mut self, event: NewEvent) {
        let id = self.sources.ids().next();
        self.raw.events.push((id, self.now, event));
    }

    /// Takes over everything that `other` would write.
    pub fn absorb(&mut self, other: Batch) {
        self.raw.writes.extend(other.raw.writes);
        self.raw.events.extend(other.raw.events);
        self.mistake = self.mistake.take().or(other.mistake);
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.raw.writes.is_empty() && self.raw.events.is_empty() && self.mistake.is_none()
    }

    fn put<T: Document>(&mut self, stored: &Stored<T>, new: bool) {
        match self.encode(T::collection(), stored) {
            Ok(document) => {
                let collection = T::collection();
                self.raw.writes.push(if new {
                    Write::Insert { collection, document }
                } else {
                    Write::Replace { collection, document }
                });
            }
            Err(error) => self.mistake = self.mistake.take().or(Some(error)),
        }
    }

    fn encode<T: Document>(
        &self,
        collection: &Collection,
        stored: &Stored<T>,
    ) -> Result<RawDocument, StoreError> {
        let mut body: Map<String, Value> = (*stored.raw).clone();
        body.extend(body_of(&stored.data)?);
        self.keyring
            .seal(collection, stored.tenant_id, stored.id, &mut body)?;
        Ok(RawDocument {
            id: stored.id,
            version: stored.version,
            tenant_id: stored.tenant_id,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            deleted_at: stored.deleted_at,
            body,
        })
    }
}
