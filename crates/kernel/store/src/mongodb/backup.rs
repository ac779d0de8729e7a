//! A group's documents as files, in the form that `mongodump` writes: one BSON document after the other.

mod reader;

use super::{MongoCluster, failure, names, schema};
use crate::{
    StoreError,
    backup::{BackupFile, Digesting, Engine, GroupBackup, unusable},
};
use bson::{Bson, Document, RawDocumentBuf, doc};
use futures::TryStreamExt;
use mongodb::{ClientSession, Collection, error::Error, options::ReadConcern};
use reader::Documents;
use std::{collections::BTreeMap, io::Write, path::Path};

/// The newest layout that this program reads.
pub(crate) const LAYOUT: u64 = schema::LAYOUT;

/// How much is inserted at once.
const BATCH_DOCUMENTS: usize = 1_000;
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Whether the group has anything in the database.
pub(crate) async fn holds_data(cluster: &MongoCluster, group: &str) -> Result<bool, StoreError> {
    for name in [names::schema(group), names::outbox(group)] {
        let first = named(cluster, &name).find_one(doc! {}).await;
        if first.map_err(|error| failure::of_operator(&error))?.is_some() {
            return Ok(true);
        }
    }
    Ok(!owned(cluster, group).await?.is_empty())
}

/// Writes one moment of everything that the group keeps into `directory/<group>`.
pub(crate) async fn back_up(
    cluster: &MongoCluster,
    group: &str,
    directory: &Path,
) -> Result<GroupBackup, StoreError> {
    if !holds_data(cluster, group).await? {
        return Err(StoreError::refused(format!(
            "there is no data of '{group}' in {}: name the groups that are kept here with --groups, or set DATABASE_URL",
            cluster.describe()
        )));
    }
    match dump(cluster, group, directory, Holding::Transaction).await {
        Ok(backup) => Ok(backup),
        // More than fits into the life of a transaction.
        Err(cause) => {
            tracing::info!(?cause, group, "reading in a snapshot session instead");
            let room = directory.join(group);
            std::fs::remove_dir_all(&room).map_err(unusable(&room))?;
            dump(cluster, group, directory, Holding::Snapshot).await
        }
    }
}

async fn dump(
    cluster: &MongoCluster,
    group: &str,
    directory: &Path,
    holding: Holding,
) -> Result<GroupBackup, StoreError> {
    let room = directory.join(group);
    std::fs::create_dir(&room).map_err(unusable(&room))?;
    let mut moment = Moment::begin(cluster, holding).await?;
    let mut backup = GroupBackup {
        group: group.to_owned(),
        engine: Engine::Mongodb,
        layout: LAYOUT,
        feed_position: 0,
        documents: BTreeMap::new(),
        files: Vec::new(),
    };
    for name in everything(cluster, group).await? {
        let mut dump = Dump::begin(&room, &name)?;
        moment.read(&named(cluster, &name), &mut dump).await?;
        if name == names::outbox(group) {
            backup.feed_position = dump.feed_position(group)?;
        }
        backup.documents.insert(name.clone(), dump.documents);
        backup.files.push(dump.finish(format!("{group}/{name}.bson"))?);
    }
    moment.end().await;
    crate::backup::sync_directory(&room)?;
    Ok(backup)
}

/// Everything that the group keeps but its lease for numbering: its layout comes last, so that what is half restored is
/// told from what is whole.
async fn everything(cluster: &MongoCluster, group: &str) -> Result<Vec<String>, StoreError> {
    let mut all = owned(cluster, group).await?;
    all.extend([
        names::outbox(group),
        names::migrations(group),
        names::schema(group),
    ]);
    Ok(all)
}

/// The collections that the database knows to be the group's.
async fn owned(cluster: &MongoCluster, group: &str) -> Result<Vec<String>, StoreError> {
    let owners: Vec<Document> = named(cluster, names::OWNERS)
        .find(doc! { "group": group })
        .sort(doc! { "_id": 1 })
        .await
        .map_err(|error| failure::of_operator(&error))?
        .try_collect()
        .await
        .map_err(|error| failure::of_operator(&error))?;
    let name = |owner: Document| owner.get_str("_id").ok().map(ToOwned::to_owned);
    Ok(owners.into_iter().filter_map(name).collect())
}

fn named(cluster: &MongoCluster, name: &str) -> Collection<Document> {
    cluster.database().collection(name)
}

/// How one moment of the database is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holding {
    /// A transaction: every server with transactions honours it, and ends it after a minute.
    Transaction,
    /// A snapshot session: the server keeps it for some minutes.
    Snapshot,
}

/// One moment of the database.
struct Moment {
    session: ClientSession,
    holding: Holding,
}

impl Moment {
    async fn begin(cluster: &MongoCluster, holding: Holding) -> Result<Self, StoreError> {
        let failed = |error: Error| failure::of_operator(&error);
        let session = match holding {
            Holding::Snapshot => cluster.client().start_session().snapshot(true).await,
            Holding::Transaction => cluster.client().start_session().await,
        };
        let mut session = session.map_err(failed)?;
        if holding == Holding::Transaction {
            session
                .start_transaction()
                .read_concern(ReadConcern::snapshot())
                .await
                .map_err(failed)?;
        }
        Ok(Self { session, holding })
    }

    async fn read(&mut self, stored: &Collection<Document>, dump: &mut Dump) -> Result<(), StoreError> {
        let mut found = stored
            .clone_with_type::<RawDocumentBuf>()
            .find(doc! {})
            .session(&mut self.session)
            .await
            .map_err(|error| failure::of_operator(&error))?;
        let mut documents = found.stream(&mut self.session);
        while let Some(document) = documents
            .try_next()
            .await
            .map_err(|error| failure::of_operator(&error))?
        {
            dump.put(&document)?;
        }
        Ok(())
    }

    async fn end(mut self) {
        if self.holding == Holding::Transaction {
            // It only read.
            let _ = self.session.abort_transaction().await;
        }
    }
}

/// The file of one collection.
struct Dump {
    file: Digesting<std::io::BufWriter<std::fs::File>>,
    path: std::path::PathBuf,
    documents: u64,
    /// The largest number of an event, and how many have one.
    numbered: (u64, u64),
}

impl Dump {
    fn begin(room: &Path, name: &str) -> Result<Self, StoreError> {
        let path = room.join(format!("{name}.bson"));
        Ok(Self {
            file: Digesting::create(&path)?,
            path,
            documents: 0,
            numbered: (0, 0),
        })
    }

    fn put(&mut self, document: &RawDocumentBuf) -> Result<(), StoreError> {
        self.documents += 1;
        if let Some(seq) = document.get("seq").ok().flatten().and_then(|seq| seq.as_i64()) {
            let seq = u64::try_from(seq).unwrap_or(0);
            self.numbered = (self.numbered.0.max(seq), self.numbered.1 + 1);
        }
        let path = &self.path;
        self.file
            .write_all(document.as_bytes())
            .map_err(|error| unusable(path)(error))
    }

    fn feed_position(&self, group: &str) -> Result<u64, StoreError> {
        let (last, count) = self.numbered;
        if last == count {
            return Ok(last);
        }
        Err(StoreError::refused(format!(
            "the feed of '{group}' has gaps: {count} events up to {last}; keep an older backup and have the data looked \
             at"
        )))
    }

    fn finish(self, name: String) -> Result<BackupFile, StoreError> {
        self.file.into_file(name).map_err(unusable(&self.path))
    }
}

/// Puts everything of a backup in the place of what the group has.
pub(crate) async fn restore(
    cluster: &MongoCluster,
    group: &str,
    backup: &GroupBackup,
    directory: &Path,
) -> Result<(), StoreError> {
    let own: Vec<(String, &BackupFile)> = backup
        .files
        .iter()
        .map(|file| Ok((name_of(group, file)?, file)))
        .collect::<Result<_, StoreError>>()?;
    let kernel = [
        names::outbox(group),
        names::migrations(group),
        names::schema(group),
    ];
    for (name, _) in &own {
        if !kernel.contains(name) {
            nobody_elses(cluster, group, name).await?;
        }
    }
    forget(cluster, group).await?;
    // Claimed first: what is half restored is not empty.
    for (name, _) in own.iter().filter(|(name, _)| !kernel.contains(name)) {
        let claim = doc! { "$setOnInsert": { "group": group } };
        named(cluster, names::OWNERS)
            .update_one(doc! { "_id": name }, claim)
            .upsert(true)
            .await
            .map_err(|error| failure::of_operator(&error))?;
    }
    for (name, file) in own {
        let inserted = insert(cluster, &name, &file.place(directory)?).await?;
        if backup.documents.get(&name) != Some(&inserted) {
            return Err(StoreError::refused(format!(
                "the manifest does not describe {}: use another copy of the backup",
                file.path
            )));
        }
    }
    // Indexes are no part of a backup: the next start makes them, because nothing counts as prepared.
    named(cluster, &names::schema(group))
        .update_many(doc! {}, doc! { "$unset": { "prepared": Bson::Null } })
        .await
        .map(drop)
        .map_err(|error| failure::of_operator(&error))
}

/// The collection whose documents a file holds.
fn name_of(group: &str, file: &BackupFile) -> Result<String, StoreError> {
    file.path
        .strip_prefix(&format!("{group}/"))
        .and_then(|name| name.strip_suffix(".bson"))
        .filter(|name| !name.is_empty() && !name.contains('/') && !name.starts_with("system."))
        .map(ToOwned::to_owned)
        .ok_or_else(|| {
            StoreError::refused(format!(
                "the manifest names '{}', which is no file of '{group}': use another copy of the backup",
                file.path
            ))
        })
}

async fn nobody_elses(cluster: &MongoCluster, group: &str, name: &str) -> Result<(), StoreError> {
    let owner = named(cluster, names::OWNERS)
        .find_one(doc! { "_id": name })
        .await
        .map_err(|error| failure::of_operator(&error))?;
    match owner.as_ref().map(|owner| owner.get_str("group")) {
        Some(Ok(other)) if other != group => Err(StoreError::refused(format!(
            "the collection '{name}' of this database belongs to the group '{other}': restore '{group}' into another \
             database"
        ))),
        _ => Ok(()),
    }
}

/// Drops everything that the group has. Its layout goes last.
async fn forget(cluster: &MongoCluster, group: &str) -> Result<(), StoreError> {
    let mut all = vec![names::sequencer(group)];
    all.extend(everything(cluster, group).await?);
    for name in all {
        named(cluster, &name)
            .drop()
            .await
            .map_err(|error| failure::of_operator(&error))?;
    }
    named(cluster, names::OWNERS)
        .delete_many(doc! { "group": group })
        .await
        .map(drop)
        .map_err(|error| failure::of_operator(&error))
}

/// Inserts all documents of a file; answers how many.
async fn insert(cluster: &MongoCluster, name: &str, path: &Path) -> Result<u64, StoreError> {
    let stored = cluster.database().collection::<RawDocumentBuf>(name);
    let mut documents = Documents::open(path)?;
    let mut inserted = 0;
    loop {
        let batch = documents.next_batch(BATCH_DOCUMENTS, BATCH_BYTES)?;
        if batch.is_empty() {
            return Ok(inserted);
        }
        inserted += batch.len() as u64;
        stored
            .insert_many(batch)
            .await
            .map_err(|error| failure::of_operator(&error))?;
    }
}
