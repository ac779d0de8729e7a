use crate::{
    Batch, Collection, Condition, Document, IdempotencyRecord, Key, Query, Scoping, StoreError, Stored,
    backend::{Backend, Committed, Migration, RawDocument, RawQuery, Seek},
    blob::{BlobRecord, ChunkRecord},
    cursor::{self, CursorRecord},
    encryption::Keyring,
    lease::LeaseRecord,
    planted,
    race::Races,
    sqlite,
};
use kernel::{CallContext, EventEnvelope, MAX_PAGE, Page, PageRequest, Scope, Sources, TenantId, UserId};
use std::sync::Arc;
use uuid::Uuid;

/// How far a count goes before it says "more".
const COUNT_CAP: u64 = 10_001;

/// What a store is made of.
pub struct StoreParts {
    /// The group whose data it is.
    pub group: &'static str,
    /// The engine, already narrowed to the group's namespace.
    pub backend: Arc<dyn Backend>,
    /// Keys for sensitive fields and cursors.
    pub keyring: Arc<Keyring>,
    /// Time, ids and randomness.
    pub sources: Sources,
    /// The group's collections.
    pub collections: Vec<&'static Collection>,
}

/// One group's documents. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    parts: Arc<StoreParts>,
}

impl Store {
    /// Prepares the collections (tables, indexes, new fields) and opens the store.
    pub async fn open(parts: StoreParts) -> Result<Self, StoreError> {
        let mut collections = parts.collections.clone();
        collections.extend(Self::kernel_collections());
        parts.backend.prepare(&collections).await?;
        Ok(Self {
            parts: Arc::new(parts),
        })
    }

    /// The collections that every group has: keys, cursors, leases, blobs.
    pub fn kernel_collections() -> Vec<&'static Collection> {
        vec![
            IdempotencyRecord::collection(),
            CursorRecord::collection(),
            LeaseRecord::collection(),
            BlobRecord::collection(),
            ChunkRecord::collection(),
        ]
    }

    /// The group whose data it is.
    pub fn group(&self) -> &'static str {
        self.parts.group
    }

    /// Time, ids and randomness.
    pub fn sources(&self) -> &Sources {
        &self.parts.sources
    }

    pub(crate) fn backend(&self) -> &Arc<dyn Backend> {
        &self.parts.backend
    }

    /// The group's collections and those that every group has.
    pub(crate) fn all_collections(&self) -> Vec<&'static Collection> {
        let mut collections = self.parts.collections.clone();
        collections.extend(Self::kernel_collections());
        collections
    }

    /// The keys for sensitive fields.
    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.parts.keyring
    }

    /// An empty batch for the call `cx`: same tenant, same time for everything in it.
    pub fn batch(&self, cx: &CallContext) -> Batch {
        Batch::new(self, cx)
    }

    /// One document that the caller may see; nothing when it is unknown, deleted or somebody else's.
    pub async fn get<T: Document>(
        &self,
        scope: &Scope,
        id: impl Into<Uuid>,
    ) -> Result<Option<Stored<T>>, StoreError> {
        let Some(raw) = self.parts.backend.get(T::collection(), id.into()).await? else {
            return Ok(None);
        };
        if raw.deleted_at.is_some() || !visible(T::collection(), scope, &raw) {
            return Ok(None);
        }
        self.open_raw(raw).map(Some)
    }

    /// One document whatever its tenant, unless it is deleted: for log-in, consumers and jobs, never for a user's
    /// request on data that belongs to somebody.
    pub async fn get_anywhere<T: Document>(
        &self,
        id: impl Into<Uuid>,
    ) -> Result<Option<Stored<T>>, StoreError> {
        match self.parts.backend.get(T::collection(), id.into()).await? {
            Some(raw) if raw.deleted_at.is_none() => self.open_raw(raw).map(Some),
            _ => Ok(None),
        }
    }

    /// One document that the caller may see, even if it is deleted: for restoring it.
    pub async fn get_deleted<T: Document>(
        &self,
        scope: &Scope,
        id: impl Into<Uuid>,
    ) -> Result<Option<Stored<T>>, StoreError> {
        match self.parts.backend.get(T::collection(), id.into()).await? {
            Some(raw) if raw.deleted_at.is_some() && visible(T::collection(), scope, &raw) => {
                self.open_raw(raw).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// One page of what the caller may see.
    pub async fn find<T: Document>(
        &self,
        scope: &Scope,
        query: Query,
    ) -> Result<Page<Stored<T>>, StoreError> {
        let equals = scope_filter(T::collection(), scope);
        self.find_raw(Some(scope.tenant()), equals, query).await
    }

    /// One page whatever its tenant: for log-in, consumers and jobs, never for a user's request. Not for lists of
    /// client-linked documents, which have no index across firms on MongoDB.
    pub async fn find_everywhere<T: Document>(&self, query: Query) -> Result<Page<Stored<T>>, StoreError> {
        self.find_raw(None, Vec::new(), query).await
    }

    /// All that the caller may see, in the query's order, page by page: for lists that are known to be short.
    pub async fn find_all<T: Document>(
        &self,
        scope: &Scope,
        query: Query,
    ) -> Result<Vec<Stored<T>>, StoreError> {
        self.page_by_page(scope_filter(T::collection(), scope), Some(scope.tenant()), query)
            .await
    }

    /// The same whatever the tenant, as [`Store::find_everywhere`] is.
    pub async fn find_all_everywhere<T: Document>(&self, query: Query) -> Result<Vec<Stored<T>>, StoreError> {
        self.page_by_page(Vec::new(), None, query).await
    }

    async fn page_by_page<T: Document>(
        &self,
        scoped: Vec<(String, Key)>,
        tenant: Option<TenantId>,
        query: Query,
    ) -> Result<Vec<Stored<T>>, StoreError> {
        let mut all = Vec::new();
        let mut cursor = None;
        loop {
            let page = PageRequest {
                limit: MAX_PAGE,
                cursor,
                count: false,
            };
            let page = self
                .find_raw(tenant, scoped.clone(), query.clone().page(page))
                .await?;
            all.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// The first match, if there is one.
    pub async fn find_first<T: Document>(
        &self,
        scope: &Scope,
        query: Query,
    ) -> Result<Option<Stored<T>>, StoreError> {
        Ok(self.find(scope, query.limit(1)).await?.items.into_iter().next())
    }

    /// Commits a batch: all or nothing, durable when it answers. The only way to write.
    pub async fn commit(&self, batch: Batch) -> Result<Committed, StoreError> {
        if let Some(mistake) = batch.mistake {
            return Err(mistake);
        }
        if batch.raw.writes.is_empty() && batch.raw.events.is_empty() {
            return Ok(Committed::default());
        }
        match planted::mistake() {
            None => self.parts.backend.commit(batch.raw).await,
            Some(name) => planted::commit(&name, &self.parts.backend, batch.raw).await,
        }
    }

    /// Changes one document by a pure closure, which runs again on fresh data when somebody else was faster. Nothing
    /// when the caller may not see it.
    pub async fn update<T: Document>(
        &self,
        cx: &CallContext,
        scope: &Scope,
        id: impl Into<Uuid>,
        change: impl Fn(&mut T),
    ) -> Result<Option<Stored<T>>, StoreError> {
        let id = id.into();
        // Not by `anew`: behind a closure the compiler cannot tell that the work may move between threads.
        let mut races = Races::until_deadline_of(cx);
        loop {
            let Some(current) = self.get::<T>(scope, id).await? else {
                return Ok(None);
            };
            let mut batch = self.batch(cx);
            let next = batch.replace(&current.changed(&change));
            match self.commit(batch).await {
                Ok(_) => return Ok(Some(next)),
                Err(StoreError::VersionConflict { .. }) if races.another().await => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Events of this group after `after`, in order and without gaps.
    pub async fn feed(&self, after: u64, limit: u32) -> Result<Vec<EventEnvelope>, StoreError> {
        self.parts.backend.feed(after, limit).await
    }

    /// The place of the last event of this group.
    pub async fn last_seq(&self) -> Result<u64, StoreError> {
        self.parts.backend.last_seq().await
    }

    /// Changes whenever events may have been added, by this process or another.
    pub fn feed_changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.parts.backend.feed_changes()
    }

    /// The changes of the schema that were applied so far, oldest first.
    pub async fn migrations(&self) -> Result<Vec<Migration>, StoreError> {
        self.parts.backend.migrations().await
    }

    /// Whether the engine answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.parts.backend.ping().await
    }

    /// Engine and place in one line, without secrets.
    pub fn describe(&self) -> String {
        self.parts.backend.describe()
    }

    /// Finishes pending commits and lets go of files and connections.
    pub async fn close(&self) {
        self.parts.backend.close().await;
    }

    async fn find_raw<T: Document>(
        &self,
        tenant: Option<TenantId>,
        scoped: Vec<(String, Key)>,
        query: Query,
    ) -> Result<Page<Stored<T>>, StoreError> {
        let collection = T::collection();
        query.check(collection)?;
        let limit = query.page.limit.clamp(1, MAX_PAGE);
        let mut raw = raw_query(tenant, scoped, &query);
        let total = match query.page.count {
            true => Some(self.parts.backend.count(collection, &raw, COUNT_CAP).await?),
            false => None,
        };
        if let Some(text) = &query.page.cursor {
            raw.after = Some(cursor::decode(self.keyring(), collection, &raw, text)?);
        }
        raw.limit = limit + 1;
        let mut found = self.parts.backend.find(collection, &raw).await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let next = match found.last().filter(|_| more) {
            Some(last) => Some(self.cursor_after(collection, &raw, last)?),
            None => None,
        };
        let items = found
            .into_iter()
            .map(|raw| self.open_raw(raw))
            .collect::<Result<_, _>>()?;
        Ok(Page { items, next, total })
    }

    fn cursor_after(
        &self,
        collection: &Collection,
        query: &RawQuery,
        last: &RawDocument,
    ) -> Result<String, StoreError> {
        let key = match collection.declared(&query.sort) {
            Some(field) => collection
                .keys_of(field, last)?
                .into_iter()
                .next()
                .unwrap_or(Key::Null),
            None => Key::Uuid(last.id),
        };
        cursor::encode(self.keyring(), collection, query, Seek { key, id: last.id })
    }

    fn open_raw<T: Document>(&self, mut raw: RawDocument) -> Result<Stored<T>, StoreError> {
        self.keyring()
            .open(T::collection(), raw.tenant_id, raw.id, &mut raw.body)?;
        Stored::from_raw(raw)
    }
}

/// The statements by which SQLite finds a page of what `scope` may see: for measuring, and for asking the engine how it
/// would run them.
pub fn page_statements<T: Document>(scope: &Scope, query: &Query) -> Result<Vec<String>, StoreError> {
    let collection = T::collection();
    query.check(collection)?;
    let raw = raw_query(Some(scope.tenant()), scope_filter(collection, scope), query);
    sqlite::page_statements(collection, &raw)
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("group", &self.parts.group).finish()
    }
}

fn raw_query(tenant: Option<TenantId>, scoped: Vec<(String, Key)>, query: &Query) -> RawQuery {
    let mut raw = RawQuery {
        tenant,
        equals: scoped,
        from: None,
        until: None,
        prefix: None,
        sort: query.sort.field.clone(),
        descending: query.sort.descending,
        after: None,
        limit: query.page.limit,
    };
    for (name, condition) in &query.filters {
        match condition {
            Condition::Equals(key) => raw.equals.push((name.clone(), key.clone())),
            Condition::Range { from, until } => {
                raw.from = from.clone();
                raw.until = until.clone();
            }
            Condition::Prefix(text) => raw.prefix = Some(text.clone()),
        }
    }
    raw
}

/// The field and the user that narrow a collection for this caller; none for those who see the whole firm.
fn narrowing(collection: &Collection, scope: &Scope) -> Option<(&'static str, UserId)> {
    match (collection.scoping(), scope) {
        (Scoping::Tenant, _) | (_, Scope::Tenant { .. }) => None,
        (Scoping::Client, Scope::Advisor { user, .. }) => Some(("advisor_id", *user)),
        (_, Scope::Advisor { user, .. } | Scope::Own { user, .. }) => Some(("user_id", *user)),
    }
}

fn scope_filter(collection: &Collection, scope: &Scope) -> Vec<(String, Key)> {
    narrowing(collection, scope)
        .map(|(field, user)| (field.to_owned(), Key::Uuid(user.0)))
        .into_iter()
        .collect()
}

fn visible(collection: &Collection, scope: &Scope, raw: &RawDocument) -> bool {
    raw.tenant_id == scope.tenant()
        && narrowing(collection, scope).is_none_or(|(field, user)| {
            let mut text = Uuid::encode_buffer();
            let user: &str = user.0.hyphenated().encode_lower(&mut text);
            raw.body.get(field).and_then(serde_json::Value::as_str) == Some(user)
        })
}
