use crate::{
    Collection, Document, IdempotencyRecord, Scoping, Store, StoreError,
    backend::{RawBatch, RawDocument, Write},
};
use kernel::{CallContext, UserId};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How many documents are read at once.
const PAGE: u32 = 200;

/// What stands in a text that was erased and cannot be empty.
const ERASED: &str = "erased";

/// What erasure does with a collection's documents about a user. Without any of it they stay: ledger rows are figures.
#[derive(Debug, Clone, Default)]
pub(crate) struct Personal {
    /// Fields that become null.
    pub(crate) nulled: Vec<&'static str>,
    /// Fields that become the word "erased".
    pub(crate) overwritten: Vec<&'static str>,
    /// Whether the documents go as a whole.
    pub(crate) removed: bool,
    /// Fields that name blobs, which go with the documents.
    pub(crate) blobs: Vec<&'static str>,
    /// Whether the id of a document is the user's.
    pub(crate) describes_user: bool,
    /// Whether the documents are proofs and secrets, which are no answer to "what do you know about me".
    pub(crate) secret: bool,
}

impl Collection {
    /// Declares fields that say something about the user and become null when the user is erased.
    #[must_use]
    pub fn personal(mut self, fields: &[&'static str]) -> Self {
        self.personal.nulled.extend(fields);
        self
    }

    /// Declares texts that say something about the user and become the word "erased" when the user is erased.
    #[must_use]
    pub fn personal_text(mut self, fields: &[&'static str]) -> Self {
        self.personal.overwritten.extend(fields);
        self
    }

    /// Declares that documents about a user are removed when the user is erased.
    #[must_use]
    pub fn removed_with_user(mut self) -> Self {
        self.personal.removed = true;
        self
    }

    /// Declares a field that names a blob about the user: it goes, with all its bytes, when the user is erased.
    #[must_use]
    pub fn personal_blob(mut self, field: &'static str) -> Self {
        self.personal.blobs.push(field);
        self
    }

    /// Declares that a document's id is the id of the user whom it is about.
    #[must_use]
    pub fn describes_user(mut self) -> Self {
        self.personal.describes_user = true;
        self
    }

    /// Declares that the documents are proofs and secrets: they are left out when a user asks for their data.
    #[must_use]
    pub fn holds_proofs(mut self) -> Self {
        self.personal.secret = true;
        self
    }

    fn is_about(&self, user: UserId, document: &RawDocument) -> bool {
        if self.name == IdempotencyRecord::collection().name() {
            let principal = document.body.get("principal").and_then(Value::as_str);
            return principal.is_some_and(|principal| principal.starts_with(&format!("user/{user}")));
        }
        if self.personal.describes_user {
            return document.id == user.0;
        }
        let owner = document.body.get("user_id").and_then(Value::as_str);
        self.scoping != Scoping::Tenant && owner == Some(user.to_string().as_str())
    }
}

impl Store {
    /// Everything that this group knows about a user, by collection; proofs and secrets left out.
    pub async fn export_user(
        &self,
        cx: &CallContext,
        user: UserId,
    ) -> Result<BTreeMap<String, Vec<Value>>, StoreError> {
        let mut known = BTreeMap::new();
        for collection in self.all_collections() {
            if collection.personal.secret || collection.name() == IdempotencyRecord::collection().name() {
                continue;
            }
            let mut found = Vec::new();
            let mut place = Place::Beginning;
            while let Some((documents, next)) = self.about(cx, collection, user, place).await? {
                for document in documents {
                    found.push(self.shown(collection, document)?);
                }
                place = next;
            }
            if !found.is_empty() {
                known.insert(collection.name().to_owned(), found);
            }
        }
        Ok(known)
    }

    /// Takes out what says something about a user, deleted documents included; figures stay. Answers how many documents
    /// were changed or removed. Doing it again changes nothing.
    pub async fn erase_user(&self, cx: &CallContext, user: UserId) -> Result<u64, StoreError> {
        let mut touched = 0;
        for collection in self.all_collections() {
            let mut place = Place::Beginning;
            while let Some((documents, next)) = self.about(cx, collection, user, place).await? {
                for document in documents {
                    // Before the document that names them: whoever begins anew still finds them.
                    self.erase_blobs(cx, collection, &document).await?;
                    let Some(write) = erasure(collection, document) else {
                        continue;
                    };
                    let mut batch = self.batch(cx);
                    batch.raw = RawBatch {
                        writes: vec![write],
                        events: Vec::new(),
                    };
                    self.commit(batch).await?;
                    touched += 1;
                }
                place = next;
            }
        }
        Ok(touched)
    }

    /// Removes the blobs that a document about the user names.
    async fn erase_blobs(
        &self,
        cx: &CallContext,
        collection: &Collection,
        document: &RawDocument,
    ) -> Result<(), StoreError> {
        for field in &collection.personal.blobs {
            let named = document.body.get(*field).and_then(Value::as_str);
            let Some(id) = named.and_then(|named| Uuid::parse_str(named).ok()) else {
                continue;
            };
            self.remove_blob_of(cx, id).await?;
        }
        Ok(())
    }

    /// Some documents about a user, deleted ones included, and where to go on; nothing at the end.
    async fn about(
        &self,
        cx: &CallContext,
        collection: &'static Collection,
        user: UserId,
        place: Place,
    ) -> Result<Option<(Vec<RawDocument>, Place)>, StoreError> {
        let of_firm = |document: &RawDocument| document.tenant_id == cx.tenant();
        let after = match place {
            Place::End => return Ok(None),
            Place::Beginning => None,
            Place::After(id) => Some(id),
        };
        if collection.personal.describes_user {
            let found = self.backend().get(collection, user.0).await?;
            return Ok(Some((found.into_iter().filter(of_firm).collect(), Place::End)));
        }
        let by_principal = collection.name() == IdempotencyRecord::collection().name();
        if collection.scoping == Scoping::Tenant && !by_principal {
            return Ok(None);
        }
        let page = self.backend().scan(collection, after, PAGE).await?;
        let next = page.last().map_or(Place::End, |last| Place::After(last.id));
        let documents = page.into_iter();
        let documents = documents.filter(|document| of_firm(document) && collection.is_about(user, document));
        Ok(Some((documents.collect(), next)))
    }

    fn shown(&self, collection: &Collection, document: RawDocument) -> Result<Value, StoreError> {
        let mut body: Map<String, Value> = document.body;
        self.keyring()
            .open(collection, document.tenant_id, document.id, &mut body)?;
        for (_, lookup) in &collection.lookups {
            body.remove(*lookup);
        }
        body.insert("id".to_owned(), json!(document.id));
        body.insert("created_at".to_owned(), json!(document.created_at));
        Ok(Value::Object(body))
    }
}

/// How far a collection was gone through.
#[derive(Debug, Clone, Copy)]
enum Place {
    Beginning,
    After(Uuid),
    End,
}

/// What is written when the user is erased whom the document is about; nothing where nothing is left to do.
fn erasure(collection: &'static Collection, document: RawDocument) -> Option<Write> {
    let personal = &collection.personal;
    if personal.removed || collection.name() == IdempotencyRecord::collection().name() {
        return Some(Write::Remove {
            collection,
            id: document.id,
            version: document.version,
        });
    }
    let mut body = document.body.clone();
    for field in &personal.nulled {
        if body.contains_key(*field) {
            body.insert((*field).to_owned(), Value::Null);
        }
    }
    for field in &personal.overwritten {
        if body.contains_key(*field) {
            body.insert((*field).to_owned(), ERASED.into());
        }
    }
    for (field, lookup) in &collection.lookups {
        if personal.nulled.contains(field) {
            body.insert((*lookup).to_owned(), Value::Null);
        }
    }
    (body != document.body).then(|| Write::Replace {
        collection,
        document: RawDocument {
            version: document.version + 1,
            body,
            ..document
        },
    })
}
