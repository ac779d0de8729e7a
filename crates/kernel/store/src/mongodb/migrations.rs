//! What preparing has changed, in order.

use super::{
    document::{take_text, take_time, take_version, version_to_bson},
    failure,
};
use crate::{Migration, StoreError};
use bson::{DateTime, Document, doc};
use futures::TryStreamExt;
use kernel::Clock;
use mongodb::{Collection, IndexModel, options::IndexOptions};
use std::sync::Arc;

/// The record of a group's migrations.
#[derive(Clone)]
pub(super) struct Migrations {
    stored: Collection<Document>,
    clock: Arc<dyn Clock>,
}

impl Migrations {
    pub(super) fn new(stored: Collection<Document>, clock: Arc<dyn Clock>) -> Self {
        Self { stored, clock }
    }

    /// Two processes that prepare at the same time record a change once.
    pub(super) async fn prepare(&self) -> Result<(), StoreError> {
        let once = IndexOptions::builder()
            .name("name".to_owned())
            .unique(true)
            .build();
        self.stored
            .create_index(
                IndexModel::builder()
                    .keys(doc! { "name": 1 })
                    .options(once)
                    .build(),
            )
            .await
            .map(drop)
            .map_err(|error| failure::of_operator(&error))
    }

    /// All, oldest first.
    pub(super) async fn all(&self) -> Result<Vec<Migration>, StoreError> {
        let rows: Vec<Document> = self
            .stored
            .find(doc! {})
            .sort(doc! { "_id": 1 })
            .await
            .map_err(|error| failure::of_read(&error))?
            .try_collect()
            .await
            .map_err(|error| failure::of_read(&error))?;
        rows.into_iter().map(read).collect()
    }

    /// Adds changes that are not yet recorded.
    pub(super) async fn record(&self, changes: Vec<String>) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        loop {
            let known = self.all().await?;
            let last = known.last().map_or(0, |migration| migration.version);
            let now = DateTime::from_chrono(self.clock.now());
            let new: Vec<Document> = changes
                .iter()
                .filter(|change| known.iter().all(|migration| migration.name != **change))
                .zip(last + 1..)
                .map(|(name, version)| {
                    Ok(doc! { "_id": version_to_bson(version)?, "name": name, "applied_at": now })
                })
                .collect::<Result<_, StoreError>>()?;
            if new.is_empty() {
                return Ok(());
            }
            match self.stored.insert_many(new).await {
                Ok(_) => return Ok(()),
                // Another process records at the same time: look at what is left.
                Err(error) if failure::duplicate(&error).is_some() => {}
                Err(error) => return Err(failure::of_operator(&error)),
            }
        }
    }
}

fn read(mut row: Document) -> Result<Migration, StoreError> {
    Ok(Migration {
        version: take_version(&mut row, "_id")?,
        name: take_text(&mut row, "name")?,
        applied_at: take_time(&mut row, "applied_at")?,
    })
}
