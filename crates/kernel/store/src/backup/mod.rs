//! A group's data as files, taken while the group works, and put back into an empty place.

mod files;

use crate::{
    MongoCluster, MongoOptions, PoolSizes, StoreError, StoreUrl, mongodb::backup as documents,
    open::make_directory, sqlite::backup as file,
};
pub use files::BackupFile;
pub(crate) use files::{Digesting, Reading, create_new, sync_directory};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::runtime::Handle;

/// Which engine wrote a backup: data goes back into the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// One SQLite file.
    Sqlite,
    /// One BSON file for each collection.
    Mongodb,
}

impl Engine {
    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Mongodb => "MongoDB",
        }
    }
}

/// What a backup of one group holds: one moment of its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupBackup {
    /// Whose data it is.
    pub group: String,
    /// Who wrote it.
    pub engine: Engine,
    /// The layout of the data: a program refuses one that is newer than its own.
    pub layout: u64,
    /// The place of the last event in the feed.
    pub feed_position: u64,
    /// How many documents each collection holds, deleted ones included.
    pub documents: BTreeMap<String, u64>,
    /// The files, below the directory of the backup.
    pub files: Vec<BackupFile>,
}

/// Where the data of one group lies; nothing is opened for work.
#[derive(Clone)]
pub struct DataPlace {
    group: &'static str,
    url: StoreUrl,
    runtime: Handle,
    pool: PoolSizes,
}

impl DataPlace {
    /// The place of a group's data at an address. `runtime` is the one that owns connections and blocking work.
    pub fn new(group: &'static str, url: StoreUrl, runtime: Handle) -> Self {
        Self {
            group,
            url,
            runtime,
            pool: PoolSizes::default(),
        }
    }

    /// The group.
    pub fn group(&self) -> &'static str {
        self.group
    }

    /// Which engine keeps data there.
    pub fn engine(&self) -> Engine {
        match self.url {
            StoreUrl::Mongodb(_) => Engine::Mongodb,
            StoreUrl::Directory(_) | StoreUrl::File(_) => Engine::Sqlite,
        }
    }

    /// The place in one line, without secrets.
    pub fn describe(&self) -> String {
        match self.url.file_of(self.group) {
            Some(path) => path.display().to_string(),
            None => self.url.to_string(),
        }
    }

    /// Whether data of the group lies there.
    pub async fn holds_data(&self) -> Result<bool, StoreError> {
        match self.url.file_of(self.group) {
            Some(path) => Ok(file::holds_data(&path)),
            None => {
                let cluster = self.cluster().await?;
                let group = self.group;
                self.on_runtime(async move { documents::holds_data(&cluster, group).await })
                    .await
            }
        }
    }

    /// Writes one moment of the group's data below `directory`, which must be there. Servers may go on working on it.
    pub async fn back_up(&self, directory: &Path) -> Result<GroupBackup, StoreError> {
        let (group, directory) = (self.group, directory.to_owned());
        match self.url.file_of(group) {
            Some(source) => {
                self.blocking(move || file::back_up(group, &source, &directory))
                    .await
            }
            None => {
                let cluster = self.cluster().await?;
                self.on_runtime(async move { documents::back_up(&cluster, group, &directory).await })
                    .await
            }
        }
    }

    /// Whether the data of `backup` may be put here: the same group and engine, and nothing there that `replace` does
    /// not allow to go. Changes nothing.
    pub async fn accepts(&self, backup: &GroupBackup, replace: bool) -> Result<(), StoreError> {
        if backup.engine != self.engine() {
            return Err(StoreError::refused(format!(
                "the backup of '{}' was taken from {}, and its place here is {}: set DATABASE_URL to the same engine",
                backup.group,
                backup.engine.name(),
                self.engine().name()
            )));
        }
        if backup.layout > self.newest_layout() {
            return Err(StoreError::refused(format!(
                "the backup of '{}' was written by a newer version of WealthOS (layout {}, this program knows {}): use \
                 the newer version",
                backup.group,
                backup.layout,
                self.newest_layout()
            )));
        }
        if !replace && self.holds_data().await? {
            return Err(StoreError::refused(format!(
                "there is data of '{}' at {} already: restore into an empty place, or say --replace to have it thrown \
                 away",
                self.group,
                self.describe()
            )));
        }
        match self.url.file_of(self.group) {
            Some(path) if replace => self.blocking(move || file::check_unused(&path)).await,
            _ => Ok(()),
        }
    }

    /// Puts the data of a backup in the place of what is there. No process may have the place open.
    pub async fn restore(&self, backup: &GroupBackup, directory: &Path) -> Result<(), StoreError> {
        let (backup, directory) = (backup.clone(), directory.to_owned());
        match self.url.file_of(self.group) {
            Some(target) => {
                if let Some(parent) = target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                    make_directory(parent)?;
                }
                self.blocking(move || file::restore(&backup, &directory, &target))
                    .await
            }
            None => {
                let (cluster, group) = (self.cluster().await?, self.group);
                self.on_runtime(async move { documents::restore(&cluster, group, &backup, &directory).await })
                    .await
            }
        }
    }

    fn newest_layout(&self) -> u64 {
        match self.engine() {
            Engine::Sqlite => file::LAYOUT,
            Engine::Mongodb => documents::LAYOUT,
        }
    }

    async fn cluster(&self) -> Result<Arc<MongoCluster>, StoreError> {
        let StoreUrl::Mongodb(url) = &self.url else {
            return Err(StoreError::internal("an embedded store has no server"));
        };
        let options = MongoOptions {
            min_pool_size: self.pool.min,
            max_pool_size: self.pool.max,
            ..MongoOptions::on(self.runtime.clone())
        };
        MongoCluster::shared(url, options).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.runtime
            .spawn_blocking(work)
            .await
            .map_err(StoreError::internal)?
    }

    async fn on_runtime<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.runtime.spawn(work).await.map_err(StoreError::internal)?
    }
}

impl std::fmt::Debug for DataPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataPlace")
            .field("group", &self.group)
            .field("place", &self.describe())
            .finish()
    }
}

impl GroupBackup {
    /// Reads every file through; refused when one is missing, or is not what was written.
    pub fn verify(&self, directory: &Path) -> Result<(), StoreError> {
        self.files.iter().try_for_each(|file| file.verify(directory))
    }
}

/// What cannot be read or written, in one line for the operator.
pub(crate) fn unusable(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path: PathBuf = path.to_owned();
    move |error| StoreError::refused(format!("{} cannot be used: {error}", path.display()))
}
