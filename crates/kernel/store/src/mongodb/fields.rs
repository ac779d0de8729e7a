//! The fields whose keys stand in documents: those that this program declares, and those that a newer one has
//! announced in the database, so that old and new processes can work side by side.

use super::{failure, keys, names, schema};
use crate::{Collection, FieldKind, StoreError, backend::RawDocument, collection::keys_at};
use bson::{Bson, Document, doc};
use mongodb::Database;
use parking_lot::RwLock;
use std::{collections::HashMap, sync::Arc};

/// A field with a key in each document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownField {
    pub(super) path: String,
    pub(super) kind: FieldKind,
    pub(super) many: bool,
}

const KINDS: [FieldKind; 6] = [
    FieldKind::Text,
    FieldKind::Int,
    FieldKind::Bool,
    FieldKind::Time,
    FieldKind::Uuid,
    FieldKind::Decimal,
];

impl KnownField {
    /// The declared fields of a collection that have a key of their own.
    pub(super) fn declared(collection: &Collection) -> Vec<Self> {
        collection
            .fields()
            .iter()
            .filter(|field| !keys::is_envelope(field.name))
            .map(|field| Self {
                path: field.name.to_owned(),
                kind: field.kind,
                many: field.many,
            })
            .collect()
    }

    /// The type in words, as it stands in the database.
    pub(super) fn kind_name(&self) -> String {
        let kind = format!("{:?}", self.kind).to_lowercase();
        if self.many { format!("many {kind}") } else { kind }
    }

    fn read(path: String, kind_name: &str) -> Option<Self> {
        let (many, kind_name) = match kind_name.strip_prefix("many ") {
            Some(rest) => (true, rest),
            None => (false, kind_name),
        };
        let kind = KINDS
            .into_iter()
            .find(|kind| format!("{kind:?}").to_lowercase() == kind_name)?;
        Some(Self { path, kind, many })
    }

    /// The key in a document: an array when it is a `many` field.
    pub(super) fn key_of(&self, document: &RawDocument) -> Result<Bson, StoreError> {
        let found = keys_at(&self.path, self.kind, self.many, &document.body)?;
        let mut values = found.iter().map(keys::to_bson).collect::<Result<Vec<_>, _>>()?;
        if self.many {
            return Ok(Bson::Array(values));
        }
        Ok(values.pop().unwrap_or(Bson::Null))
    }
}

/// The known fields of a group's collections.
#[derive(Debug, Default)]
pub(super) struct Known {
    by_collection: RwLock<HashMap<String, Arc<[KnownField]>>>,
}

impl Known {
    /// The fields of a collection; refused when it was not prepared.
    pub(super) fn of(&self, collection: &Collection) -> Result<Arc<[KnownField]>, StoreError> {
        self.by_collection
            .read()
            .get(collection.name())
            .cloned()
            .ok_or_else(|| {
                StoreError::internal(format!("the collection '{}' was not prepared", collection.name()))
            })
    }

    /// Reads what the database says of a collection.
    pub(super) async fn read(
        &self,
        database: &Database,
        group: &str,
        collection: &str,
    ) -> Result<(), StoreError> {
        let described = database
            .collection::<Document>(&names::schema(group))
            .find_one(doc! { "_id": names::schema_id(collection) })
            .await
            .map_err(|error| failure::of_operator(&error))?
            .unwrap_or_default();
        let fields = schema::announced(&described)
            .into_iter()
            .map(|(path, kind)| {
                KnownField::read(path.clone(), &kind).ok_or_else(|| {
                    StoreError::refused(format!(
                        "the field '{path}' of '{collection}' has the type '{kind}', which only a newer version of \
                         WealthOS knows: start the newer version"
                    ))
                })
            })
            .collect::<Result<Arc<[_]>, _>>()?;
        self.by_collection.write().insert(collection.to_owned(), fields);
        Ok(())
    }

    /// Reads again what the database says of all collections.
    pub(super) async fn refresh(&self, database: &Database, group: &str) -> Result<(), StoreError> {
        let collections: Vec<String> = self.by_collection.read().keys().cloned().collect();
        for collection in collections {
            self.read(database, group, &collection).await?;
        }
        Ok(())
    }
}
