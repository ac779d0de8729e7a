//! Documents on SQLite and MongoDB behind one small typed API.
//!
//! - A [`Collection`] declares which fields can be filtered and sorted by, and which (filter, sort) pairs it serves;
//!   every declared pair has an index, and anything else is refused.
//! - A read of scoped data takes the caller's [`kernel::Scope`]: it cannot be written without one.
//! - [`Store::commit`] is the only way to write: documents, the events they cause, an idempotency record and a
//!   consumer's cursor, all or nothing.
//!
//! A [`Store`] is narrowed to one group when it is opened: nothing in its API reaches another group's data.

mod backend;
mod backup;
mod batch;
mod blob;
mod change_all;
mod collection;
mod cursor;
mod document;
mod encryption;
mod error;
mod key;
mod lease;
mod mongodb;
mod once;
mod open;
mod personal;
mod planted;
mod query;
mod race;
mod reencrypt;
mod sqlite;
mod store;
mod url;

pub use self::mongodb::{MONGODB_COMMANDS, MongoBackend, MongoCluster, MongoOptions};
pub use backend::{Backend, Committed, Migration, RawBatch, RawDocument, RawQuery, Seek, Write};
pub use backup::{BackupFile, DataPlace, Engine, GroupBackup};
pub use batch::Batch;
pub use blob::{Blob, BlobId};
pub use collection::{Collection, Field, FieldKind, QueryShape, Scoping, Unique};
pub use cursor::ConsumerCursor;
pub use document::{Document, Stored};
pub use encryption::Keyring;
pub use error::StoreError;
pub use key::Key;
pub use lease::Lease;
pub use once::IdempotencyRecord;
pub use open::{OpenOptions, PoolSizes, open_store};
pub use query::{Condition, Query, Sort};
pub use reencrypt::Reencrypted;
pub use sqlite::{ReaderPool, SqliteBackend};
pub use store::{Store, StoreParts, page_statements};
pub use url::StoreUrl;
