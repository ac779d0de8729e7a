//! What the database says about itself: which group owns which collection, the version of the layout, which fields
//! have their keys in the documents, and what was changed when.

use super::{
    document::{decode, take_version, version_to_bson},
    failure,
    fields::{Known, KnownField},
    index,
    json::uuid_to_bson,
    keys::{self, KEYS},
    migrations::Migrations,
    names, outbox,
};
use crate::{Collection, StoreError};
use bson::{Bson, Document, doc};
use futures::{StreamExt, TryStreamExt};
use mongodb::{Database, options::ReturnDocument};
use std::time::Duration;
use tokio::time::Instant;

/// The layout that this program writes: envelope, `_k`, `_x`, outbox.
pub(super) const LAYOUT: u64 = 1;

/// How many collections are prepared side by side.
const AT_ONCE: usize = 4;

/// How long a server may be away, to change its primary for example, before a process that starts gives up.
const AWAY: Duration = Duration::from_secs(60);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(500);

/// One preparation of a group's collections. Several processes may be at it at the same time: every step can be
/// repeated.
pub(super) struct Preparation<'a> {
    pub(super) database: &'a Database,
    pub(super) group: &'static str,
    pub(super) outbox: mongodb::Collection<Document>,
    pub(super) migrations: Migrations,
    pub(super) known: &'a Known,
}

impl Preparation<'_> {
    /// Makes everything that the collections need, and goes on where it was when the server comes back in time.
    pub(super) async fn run_to_its_end(&self, collections: &[&'static Collection]) -> Result<(), StoreError> {
        let end = Instant::now() + AWAY;
        loop {
            match self.run(collections).await {
                Err(error @ StoreError::Unavailable { .. }) if Instant::now() < end => {
                    tracing::warn!(
                        ?error,
                        group = self.group,
                        "MongoDB went away while its collections were made"
                    );
                    tokio::time::sleep(BETWEEN_ATTEMPTS).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn run(&self, collections: &[&'static Collection]) -> Result<(), StoreError> {
        self.check_layout().await?;
        outbox::prepare(&self.outbox).await?;
        self.migrations.prepare().await?;
        futures::stream::iter(collections)
            .map(Ok)
            .try_for_each_concurrent(AT_ONCE, |collection| self.collection(collection))
            .await
    }

    fn schema(&self) -> mongodb::Collection<Document> {
        self.database.collection(&names::schema(self.group))
    }

    async fn check_layout(&self) -> Result<(), StoreError> {
        let ours = doc! { "$setOnInsert": { "version": version_to_bson(LAYOUT)? } };
        let stored = self
            .schema()
            .find_one_and_update(doc! { "_id": "layout" }, ours)
            .upsert(true)
            .return_document(ReturnDocument::After)
            .await
            .map_err(|error| failure::of_operator(&error))?;
        let version = stored.map_or(Ok(LAYOUT), |mut stored| take_version(&mut stored, "version"))?;
        if version > LAYOUT {
            return Err(StoreError::refused(format!(
                "the data of '{}' was written by a newer version of WealthOS (layout {version}, this one knows \
                 {LAYOUT}): start the newer version",
                self.group
            )));
        }
        Ok(())
    }

    async fn collection(&self, collection: &Collection) -> Result<(), StoreError> {
        let id = names::schema_id(collection.name());
        let described = self
            .schema()
            .find_one(doc! { "_id": &id })
            .await
            .map_err(|error| failure::of_operator(&error))?;
        let described = described.unwrap_or_default();
        let declaration = fingerprint(collection);
        if described.get_str("prepared").ok() == Some(declaration.as_str()) {
            return self
                .known
                .read(self.database, self.group, collection.name())
                .await;
        }
        let name = names::collection(self.group, collection);
        self.claim(&name).await?;
        let stored = self.database.collection::<Document>(&name);
        let mut changes = Vec::new();
        if described.is_empty() {
            changes.push(format!("create {}", collection.name()));
        }
        let new = new_fields(collection, &described)?;
        if !described.is_empty() {
            changes.extend(
                new.iter()
                    .map(|field| format!("add {}.{}", collection.name(), field.path)),
            );
        }
        // Announced first: from now on every process writes the keys of these fields.
        self.describe(&id, "fields", &new).await?;
        self.known
            .read(self.database, self.group, collection.name())
            .await?;
        fill(&stored, collection.name(), &new).await?;
        changes.extend(index::make(&stored, collection).await?);
        // Whoever did not hear of them in time wrote without their keys.
        fill(&stored, collection.name(), &new).await?;
        self.describe(&id, "filled", &new).await?;
        self.migrations.record(changes).await?;
        self.schema()
            .update_one(doc! { "_id": &id }, doc! { "$set": { "prepared": declaration } })
            .await
            .map(drop)
            .map_err(|error| failure::of_operator(&error))
    }

    async fn describe(&self, id: &str, place: &str, fields: &[KnownField]) -> Result<(), StoreError> {
        let mut set = doc! { "described": true };
        for field in fields {
            set.insert(format!("{place}.{}", keys::name(&field.path)), field.kind_name());
        }
        self.schema()
            .update_one(doc! { "_id": id }, doc! { "$set": set })
            .upsert(true)
            .await
            .map(drop)
            .map_err(|error| failure::of_operator(&error))
    }

    /// A collection belongs to one group, so that its data can be moved with it.
    async fn claim(&self, name: &str) -> Result<(), StoreError> {
        let owner = self
            .database
            .collection::<Document>(names::OWNERS)
            .find_one_and_update(
                doc! { "_id": name },
                doc! { "$setOnInsert": { "group": self.group } },
            )
            .upsert(true)
            .return_document(ReturnDocument::After)
            .await
            .map_err(|error| failure::of_operator(&error))?;
        match owner.as_ref().map(|owner| owner.get_str("group")) {
            Some(Ok(other)) if other != self.group => Err(StoreError::refused(format!(
                "the collection '{name}' of this database belongs to the group '{other}': '{}' must name its own \
                 differently, or use a database of its own ({}_DATABASE_URL)",
                self.group,
                self.group.to_uppercase()
            ))),
            _ => Ok(()),
        }
    }
}

/// What a declaration asks of the database: when it was prepared for the same one before, a start has nothing to do.
fn fingerprint(collection: &Collection) -> String {
    let declaration = format!("layout {LAYOUT} {collection:?}");
    hex::encode(aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        declaration.as_bytes(),
    ))
}

/// Declared fields whose keys the documents do not have yet; refused when they have keys of another type.
fn new_fields(collection: &Collection, described: &Document) -> Result<Vec<KnownField>, StoreError> {
    let announced = described.get_document("fields").ok();
    let filled = described.get_document("filled").ok();
    let kind_in = |place: Option<&Document>, field: &KnownField| -> Option<String> {
        let kind = place?.get_str(keys::name(&field.path)).ok()?;
        Some(kind.to_owned())
    };
    let mut new = Vec::new();
    for field in KnownField::declared(collection) {
        match kind_in(announced, &field) {
            Some(kind) if kind != field.kind_name() => {
                return Err(StoreError::refused(format!(
                    "the field '{}' of '{}' is stored as {kind}, this program declares {}: declare it under another \
                     name",
                    field.path,
                    collection.name(),
                    field.kind_name()
                )));
            }
            _ if kind_in(filled, &field).is_some() => {}
            _ => new.push(field),
        }
    }
    Ok(new)
}

/// Adds keys to documents that were written without them. What changes meanwhile is written with its keys by whoever
/// changes it.
async fn fill(
    stored: &mongodb::Collection<Document>,
    collection: &str,
    fields: &[KnownField],
) -> Result<(), StoreError> {
    if fields.is_empty() {
        return Ok(());
    }
    let lacking: Vec<Document> = fields
        .iter()
        .map(|field| {
            let mut lacks = Document::new();
            lacks.insert(keys::path(&field.path), doc! { "$exists": false });
            lacks
        })
        .collect();
    let mut documents = stored
        .find(doc! { "$or": lacking })
        .await
        .map_err(|error| failure::of_operator(&error))?;
    while let Some(document) = documents
        .try_next()
        .await
        .map_err(|error| failure::of_operator(&error))?
    {
        let document = decode(document)?;
        let mut keys = Document::new();
        for field in fields {
            let key = field
                .key_of(&document)
                .map_err(|_| unfit(collection, &field.path))?;
            keys.insert(format!("{KEYS}.{}", keys::name(&field.path)), key);
        }
        let same = doc! { "_id": uuid_to_bson(document.id), "version": version_to_bson(document.version)? };
        stored
            .update_one(same, doc! { "$set": keys })
            .await
            .map_err(|error| failure::of_operator(&error))?;
    }
    Ok(())
}

fn unfit(collection: &str, field: &str) -> StoreError {
    StoreError::refused(format!(
        "documents of '{collection}' hold values in '{field}' that do not fit its declared type: correct them with \
         the version that wrote them, then start this one"
    ))
}

/// The fields that a schema document announces.
pub(super) fn announced(described: &Document) -> Vec<(String, String)> {
    let Ok(fields) = described.get_document("fields") else {
        return Vec::new();
    };
    fields
        .iter()
        .filter_map(|(name, kind)| match kind {
            Bson::String(kind) => Some((keys::field_of_name(name), kind.clone())),
            _ => None,
        })
        .collect()
}
