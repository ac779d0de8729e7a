use crate::{
    Batch, Collection, Document, FieldKind, Key, Scoping, Store, StoreError, Stored,
    backend::{RawQuery, Seek},
    encryption::Keyring,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::TenantId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use uuid::Uuid;

/// What a page's cursor says, authenticated so that nobody can make one up.
#[derive(Serialize, Deserialize)]
struct PageCursor {
    k: Key,
    i: Uuid,
}

/// Everything of a query that must be the same on the next page.
fn identity(collection: &Collection, query: &RawQuery) -> String {
    let RawQuery {
        tenant,
        equals,
        from,
        until,
        prefix,
        sort,
        descending,
        ..
    } = query;
    format!(
        "{}|{tenant:?}|{equals:?}|{from:?}|{until:?}|{prefix:?}|{sort}|{descending}",
        collection.name()
    )
}

pub(crate) fn encode(
    keyring: &Keyring,
    collection: &Collection,
    query: &RawQuery,
    seek: Seek,
) -> Result<String, StoreError> {
    let body = serde_json::to_vec(&PageCursor {
        k: seek.key,
        i: seek.id,
    })
    .map_err(StoreError::internal)?;
    let tag = tag(keyring, collection, query, &body);
    Ok(URL_SAFE_NO_PAD.encode([tag, body].concat()))
}

pub(crate) fn decode(
    keyring: &Keyring,
    collection: &Collection,
    query: &RawQuery,
    text: &str,
) -> Result<Seek, StoreError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| StoreError::BadCursor)?;
    let (given, body) = bytes.split_at_checked(16).ok_or(StoreError::BadCursor)?;
    let expected = tag(keyring, collection, query, body);
    aws_lc_rs::constant_time::verify_slices_are_equal(given, &expected).map_err(|_| StoreError::BadCursor)?;
    let cursor: PageCursor = serde_json::from_slice(body).map_err(|_| StoreError::BadCursor)?;
    Ok(Seek {
        key: cursor.k,
        id: cursor.i,
    })
}

fn tag(keyring: &Keyring, collection: &Collection, query: &RawQuery, body: &[u8]) -> Vec<u8> {
    let message = [b"page\0", identity(collection, query).as_bytes(), b"\0", body].concat();
    keyring.authenticate(&message)
}

/// How far a consumer has read a feed: a document in the consumer's own namespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CursorRecord {
    consumer: String,
    feed: String,
    seq: i64,
}

impl Document for CursorRecord {
    fn collection() -> &'static Collection {
        static CURSORS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("cursors", Scoping::Tenant)
                .in_every_group()
                .field("consumer", FieldKind::Text)
                .serves(&["consumer"], &["created_at"])
        });
        &CURSORS
    }
}

/// How far a consumer has read a feed. Moved by [`Batch::advance`], in the commit of what it caused, by
/// compare-and-set: two processes running one consumer cannot both move it.
#[derive(Debug, Clone)]
pub struct ConsumerCursor {
    consumer: String,
    feed: String,
    stored: Option<Stored<CursorRecord>>,
}

impl ConsumerCursor {
    /// The last event that was dealt with; 0 before the first.
    pub fn seq(&self) -> u64 {
        self.stored
            .as_ref()
            .map_or(0, |stored| u64::try_from(stored.seq).unwrap_or(0))
    }

    /// The name of the consumer.
    pub fn consumer(&self) -> &str {
        &self.consumer
    }

    /// The feed that it reads: the name of the producing group.
    pub fn feed(&self) -> &str {
        &self.feed
    }
}

impl Store {
    /// The cursor of a consumer of this group over another group's feed.
    pub async fn consumer_cursor(&self, consumer: &str, feed: &str) -> Result<ConsumerCursor, StoreError> {
        let stored = self.get_anywhere(cursor_id(consumer, feed)).await?;
        Ok(ConsumerCursor {
            consumer: consumer.to_owned(),
            feed: feed.to_owned(),
            stored,
        })
    }

    /// All cursors of this group.
    pub async fn consumer_cursors(&self) -> Result<Vec<ConsumerCursor>, StoreError> {
        let page = self
            .find_everywhere::<CursorRecord>(crate::Query::all().limit(kernel::MAX_PAGE))
            .await?;
        Ok(page
            .items
            .into_iter()
            .map(|stored| ConsumerCursor {
                consumer: stored.consumer.clone(),
                feed: stored.feed.clone(),
                stored: Some(stored),
            })
            .collect())
    }
}

impl Batch {
    /// Moves a cursor to `seq` together with everything else in the batch; refused as a lost race when another
    /// process moved it. Moving backwards is a replay.
    pub fn advance(&mut self, cursor: &ConsumerCursor, seq: u64) -> ConsumerCursor {
        let place = i64::try_from(seq).unwrap_or(i64::MAX);
        let stored = match &cursor.stored {
            Some(stored) => self.replace(&stored.changed(|record| record.seq = place)),
            None => {
                let record = CursorRecord {
                    consumer: cursor.consumer.clone(),
                    feed: cursor.feed.clone(),
                    seq: place,
                };
                self.insert_for(
                    TenantId::DEFAULT,
                    cursor_id(&cursor.consumer, &cursor.feed),
                    record,
                )
            }
        };
        ConsumerCursor {
            stored: Some(stored),
            ..cursor.clone()
        }
    }
}

fn cursor_id(consumer: &str, feed: &str) -> Uuid {
    Uuid::new_v5(
        &Uuid::NAMESPACE_OID,
        format!("cursor\u{0}{consumer}\u{0}{feed}").as_bytes(),
    )
}
