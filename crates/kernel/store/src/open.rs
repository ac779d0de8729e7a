use crate::{
    Collection, Keyring, MongoCluster, MongoOptions, ReaderPool, SqliteBackend, Store, StoreError,
    StoreParts, StoreUrl, backend::Backend,
};
use kernel::Sources;
use std::{path::Path, sync::Arc};
use tokio::runtime::Handle;

/// How many connections a process keeps to a MongoDB deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolSizes {
    /// Kept open.
    pub min: u32,
    /// At most.
    pub max: u32,
}

impl Default for PoolSizes {
    fn default() -> Self {
        Self { min: 0, max: 30 }
    }
}

/// What [`open_store`] needs.
pub struct OpenOptions {
    /// The group whose data it is.
    pub group: &'static str,
    /// Where it lies.
    pub url: StoreUrl,
    /// The group's collections.
    pub collections: Vec<&'static Collection>,
    /// Keys for sensitive fields and cursors.
    pub keyring: Arc<Keyring>,
    /// Time, ids and randomness.
    pub sources: Sources,
    /// The runtime of the process, on which background work runs.
    pub runtime: Handle,
    /// The threads that read SQLite; the pool of the process when there is none.
    pub readers: Option<ReaderPool>,
    /// Connections to MongoDB.
    pub pool: PoolSizes,
}

/// Opens one group's store and brings its schema up to date. What cannot be opened is refused in one clear line.
pub async fn open_store(options: OpenOptions) -> Result<Store, StoreError> {
    let backend: Arc<dyn Backend> = match &options.url {
        StoreUrl::Directory(directory) => {
            make_directory(directory)?;
            sqlite(&options).await?
        }
        StoreUrl::File(path) => {
            if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                make_directory(directory)?;
            }
            sqlite(&options).await?
        }
        StoreUrl::Mongodb(url) => mongodb(url, &options).await?,
    };
    Store::open(StoreParts {
        group: options.group,
        backend,
        keyring: options.keyring,
        sources: options.sources,
        collections: options.collections,
    })
    .await
}

async fn sqlite(options: &OpenOptions) -> Result<Arc<dyn Backend>, StoreError> {
    let path = options
        .url
        .file_of(options.group)
        .ok_or_else(|| StoreError::internal("a SQLite address names no file"))?;
    let readers = match &options.readers {
        Some(pool) => pool.clone(),
        None => ReaderPool::of_process()?,
    };
    let (group, clock) = (options.group, options.sources.clock().clone());
    let opened = options
        .runtime
        .spawn_blocking(move || SqliteBackend::open(group, &path, clock, readers))
        .await
        .map_err(StoreError::internal)?;
    Ok(Arc::new(opened?))
}

async fn mongodb(url: &str, options: &OpenOptions) -> Result<Arc<dyn Backend>, StoreError> {
    let settings = MongoOptions {
        min_pool_size: options.pool.min,
        max_pool_size: options.pool.max,
        ..MongoOptions::on(options.runtime.clone())
    };
    let cluster = MongoCluster::shared(url, settings).await?;
    Ok(cluster.group(options.group, options.sources.clock().clone()))
}

/// Makes the data directory, for its owner only, unless it is there.
pub(crate) fn make_directory(directory: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(directory).map_err(|error| {
        StoreError::refused(format!(
            "the data directory {} cannot be made ({error}): make it yourself, or set another with --data-dir",
            directory.display()
        ))
    })
}
