use crate::{Collection, Key, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{EventEnvelope, NewEvent, TenantId};
use serde_json::{Map, Value};

use uuid::Uuid;

/// A document as a backend sees it: sensitive fields are already ciphertext.
#[derive(Debug, Clone, PartialEq)]
pub struct RawDocument {
    /// The id, unique in its collection.
    pub id: Uuid,
    /// Counts changes from 1.
    pub version: u64,
    /// The firm.
    pub tenant_id: TenantId,
    /// First written, UTC, whole milliseconds.
    pub created_at: DateTime<Utc>,
    /// Last written, UTC, whole milliseconds.
    pub updated_at: DateTime<Utc>,
    /// Deleted, if it was. Deleted documents keep their place but leave lists and unique indexes.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Everything else.
    pub body: Map<String, Value>,
}

/// One write of a batch.
#[derive(Debug, Clone)]
pub enum Write {
    /// A new document; refused as [`StoreError::Duplicate`] of `id` when the id is taken, deleted documents included.
    Insert {
        /// Where.
        collection: &'static Collection,
        /// What; its version is 1.
        document: RawDocument,
    },
    /// The next version of a document; refused as [`StoreError::VersionConflict`] unless the stored version is
    /// `document.version - 1`.
    Replace {
        /// Where.
        collection: &'static Collection,
        /// What, with its new version.
        document: RawDocument,
    },
    /// Nothing is changed, but the commit is refused unless the document has this version and is not deleted; a
    /// concurrent change of it makes one of the two commits fail.
    Require {
        /// Where.
        collection: &'static Collection,
        /// Which.
        id: Uuid,
        /// The version that was read.
        version: u64,
    },
    /// The document goes away without a trace, and its unique values with it; refused as
    /// [`StoreError::VersionConflict`] unless it has this version. For what has expired and for erasure; a user's
    /// delete is a replace with `deleted_at`.
    Remove {
        /// Where.
        collection: &'static Collection,
        /// Which.
        id: Uuid,
        /// The version that was read.
        version: u64,
    },
}

/// What is written all or nothing.
#[derive(Debug, Clone, Default)]
pub struct RawBatch {
    /// The documents.
    pub writes: Vec<Write>,
    /// The events, with the id and time that they will carry.
    pub events: Vec<(kernel::EventId, DateTime<Utc>, NewEvent)>,
}

/// What came of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Committed {
    /// The place of the last event of the batch in the feed, where the backend numbers inside the commit.
    pub last_seq: Option<u64>,
}

/// Where a page begins: after this sort key and id.
#[derive(Debug, Clone, PartialEq)]
pub struct Seek {
    /// The sort key of the last item of the page before.
    pub key: Key,
    /// Its id.
    pub id: Uuid,
}

/// A checked query, ready for a backend. Deleted documents never match.
#[derive(Debug, Clone, PartialEq)]
pub struct RawQuery {
    /// The firm; none crosses all firms, for consumers and jobs only.
    pub tenant: Option<TenantId>,
    /// Fields that must equal a key; the first is the scope's, when there is one.
    pub equals: Vec<(String, Key)>,
    /// Not before, on the sort field.
    pub from: Option<Key>,
    /// Before, on the sort field.
    pub until: Option<Key>,
    /// The beginning of the folded text of the sort field.
    pub prefix: Option<String>,
    /// The sort field, or `id`.
    pub sort: String,
    /// Largest first.
    pub descending: bool,
    /// Where to begin.
    pub after: Option<Seek>,
    /// How many at most.
    pub limit: u32,
}

/// A change of the schema that was applied: a collection, a declared field or an index that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Counts from 1, in the order of application.
    pub version: u64,
    /// What was done.
    pub name: String,
    /// When, UTC.
    pub applied_at: DateTime<Utc>,
}

/// What an engine must do: documents of one group's namespace, one atomic commit, and the feed of its events.
///
/// Implementations own their runtime needs: any method may be called from any runtime of the process.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Makes tables and indexes for the collections. Repeating it changes nothing; a declared field that is new is
    /// filled from the documents. Refuses data written by a newer schema.
    async fn prepare(&self, collections: &[&'static Collection]) -> Result<(), StoreError>;

    /// What [`Backend::prepare`] has changed so far, oldest first.
    async fn migrations(&self) -> Result<Vec<Migration>, StoreError>;

    /// One document by id, deleted or not, of whatever tenant: the typed layer checks.
    async fn get(&self, collection: &Collection, id: Uuid) -> Result<Option<RawDocument>, StoreError>;

    /// Documents in the order of their ids, deleted or not, of whatever tenant: for going through everything.
    async fn scan(
        &self,
        collection: &Collection,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<RawDocument>, StoreError>;

    /// One page, through an index.
    async fn find(&self, collection: &Collection, query: &RawQuery) -> Result<Vec<RawDocument>, StoreError>;

    /// How many match, counting no further than `cap`.
    async fn count(&self, collection: &Collection, query: &RawQuery, cap: u64) -> Result<u64, StoreError>;

    /// Writes all or nothing, durably: when it answers, the batch survives `kill -9` and power loss.
    async fn commit(&self, batch: RawBatch) -> Result<Committed, StoreError>;

    /// Events with `seq > after`, in order, dense: what is not yet numbered is not shown, and nothing ever appears
    /// behind what was shown.
    async fn feed(&self, after: u64, limit: u32) -> Result<Vec<EventEnvelope>, StoreError>;

    /// The last numbered event.
    async fn last_seq(&self) -> Result<u64, StoreError>;

    /// Changes whenever events may have been added, by this process or another.
    fn feed_changes(&self) -> tokio::sync::watch::Receiver<u64>;

    /// Whether the engine answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// A short line for operators: engine and place, without secrets.
    fn describe(&self) -> String;

    /// Finishes pending commits and lets go of files and connections.
    async fn close(&self);
}
