use crate::{Collection, StoreError, backend::RawDocument};
use chrono::{DateTime, Utc};
use kernel::TenantId;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::{ops::Deref, sync::Arc};
use uuid::Uuid;

/// A type that is stored: what stands in a document beside the fields that every document has.
///
/// Its fields are top-level fields of the document, under their serde names.
pub trait Document: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The collection that holds it; the same value each time.
    fn collection() -> &'static Collection;
}

/// A document as it was read: what every document has, and the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored<T> {
    /// The id: a UUID v7, or one derived from a natural key.
    pub id: Uuid,
    /// Counts changes from 1; the `ETag`.
    pub version: u64,
    /// The firm.
    pub tenant_id: TenantId,
    /// When it was first written, UTC.
    pub created_at: DateTime<Utc>,
    /// When it was last written, UTC.
    pub updated_at: DateTime<Utc>,
    /// When it was deleted, if it was.
    pub deleted_at: Option<DateTime<Utc>>,
    /// The data.
    pub data: T,
    /// The document as it stands in the store, so that a replace keeps fields that this program does not know.
    pub(crate) raw: Arc<Map<String, Value>>,
}

impl<T> Deref for Stored<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.data
    }
}

impl<T: Document> Stored<T> {
    pub(crate) fn from_raw(raw: RawDocument) -> Result<Self, StoreError> {
        let collection = T::collection().name();
        let body = Value::Object(raw.body);
        let data = T::deserialize(&body).map_err(|cause| StoreError::shape(collection, cause))?;
        let Value::Object(map) = body else {
            return Err(StoreError::shape(collection, "a document is not an object"));
        };
        Ok(Self {
            id: raw.id,
            version: raw.version,
            tenant_id: raw.tenant_id,
            created_at: raw.created_at,
            updated_at: raw.updated_at,
            deleted_at: raw.deleted_at,
            data,
            raw: Arc::new(map),
        })
    }

    /// The same document with other data, to be replaced in a batch.
    #[must_use]
    pub fn with(&self, data: T) -> Self {
        Self { data, ..self.clone() }
    }

    /// The same document after `change`.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(&mut T)) -> Self {
        let mut next = self.clone();
        change(&mut next.data);
        next
    }
}

/// The JSON object of a document's data.
pub(crate) fn body_of<T: Document>(data: &T) -> Result<Map<String, Value>, StoreError> {
    let collection = T::collection().name();
    match serde_json::to_value(data).map_err(|cause| StoreError::shape(collection, cause))? {
        Value::Object(map) => Ok(map),
        _ => Err(StoreError::shape(
            collection,
            "a document must serialise to an object",
        )),
    }
}
