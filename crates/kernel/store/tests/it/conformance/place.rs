//! Where a test's data lies: a directory or a database of its own, opened as often as the test likes.

use kernel::{CallContext, Sources, TenantId};
use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::Duration,
};
use store::{
    Backend, Collection, DataPlace, Keyring, MongoCluster, MongoOptions, ReaderPool, SqliteBackend, Store,
    StoreError, StoreParts, StoreUrl,
};
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::Mutex};
use uuid::Uuid;

/// The process's kernel runtime: operations run here while tests run on runtimes of their own.
static KERNEL: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
});

/// The server that the tests use; their failure says how to have one.
pub(crate) fn mongodb_uri() -> String {
    std::env::var("TEST_MONGODB_URI").unwrap_or_else(|_| {
        panic!(
            "TEST_MONGODB_URI names no MongoDB server, and tests on MongoDB are never skipped: \
             run `export \"$(scripts/mongodb-for-tests start)\"` first"
        )
    })
}

/// The address of a database of the test server, with more parameters.
pub(crate) fn mongodb_url(database: &str, parameters: &str) -> String {
    let uri = mongodb_uri();
    let (scheme, rest) = uri.split_once("://").unwrap();
    let (place, own) = rest.split_once('?').unwrap_or((rest, ""));
    let hosts = place.split_once('/').map_or(place, |(hosts, _)| hosts);
    let parameters: Vec<&str> = [own, parameters]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    format!("{scheme}://{hosts}/{database}?{}", parameters.join("&"))
}

pub(crate) fn kernel_runtime() -> tokio::runtime::Handle {
    KERNEL.handle().clone()
}

enum Engine {
    Sqlite(TempDir),
    Mongodb(String),
}

/// A place for the data of one test.
pub(crate) struct Place {
    engine: Engine,
    opened: Mutex<Vec<Arc<dyn Backend>>>,
}

/// One handle on the data, as one process has it.
pub(crate) struct Handle {
    pub(crate) store: Store,
    pub(crate) backend: Arc<dyn Backend>,
}

impl std::ops::Deref for Handle {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self {
            engine: Engine::Sqlite(tempfile::tempdir().unwrap()),
            opened: Mutex::default(),
        }
    }

    pub(crate) fn mongodb() -> Self {
        mongodb_uri();
        let random: u128 = u128::from_le_bytes(Sources::system().random());
        Self::mongodb_named(format!("wealthos_test_{random:032x}"))
    }

    /// A database that another process made.
    pub(crate) fn mongodb_named(database: String) -> Self {
        Self {
            engine: Engine::Mongodb(database),
            opened: Mutex::default(),
        }
    }

    /// The name of the database on MongoDB.
    pub(crate) fn database(&self) -> &str {
        match &self.engine {
            Engine::Mongodb(database) => database,
            Engine::Sqlite(_) => panic!("not on MongoDB"),
        }
    }

    /// Another empty place on the same engine.
    pub(crate) fn sibling(&self) -> Self {
        match &self.engine {
            Engine::Sqlite(_) => Self::sqlite(),
            Engine::Mongodb(_) => Self::mongodb(),
        }
    }

    /// Where the data of a group lies.
    pub(crate) fn data(&self, group: &'static str) -> DataPlace {
        let url = match &self.engine {
            Engine::Sqlite(directory) => StoreUrl::Directory(directory.path().to_owned()),
            Engine::Mongodb(database) => StoreUrl::Mongodb(mongodb_url(database, "")),
        };
        DataPlace::new(group, url, kernel_runtime())
    }

    /// Opens a handle as a process of its own would.
    pub(crate) async fn open(&self, collections: &[&'static Collection]) -> Handle {
        self.open_with(Sources::system(), collections).await
    }

    pub(crate) async fn open_with(&self, sources: Sources, collections: &[&'static Collection]) -> Handle {
        self.try_open("bank", sources, collections).await.unwrap()
    }

    pub(crate) async fn try_open(
        &self,
        group: &'static str,
        sources: Sources,
        collections: &[&'static Collection],
    ) -> Result<Handle, StoreError> {
        let backend: Arc<dyn Backend> = match &self.engine {
            Engine::Sqlite(directory) => {
                let path: PathBuf = directory.path().join(format!("{group}.sqlite3"));
                Arc::new(SqliteBackend::open(
                    group,
                    &path,
                    sources.clock().clone(),
                    ReaderPool::of_process()?,
                )?)
            }
            Engine::Mongodb(database) => {
                let url = mongodb_url(database, "");
                let cluster = MongoCluster::connect(&url, MongoOptions::on(kernel_runtime())).await?;
                cluster.group(group, sources.clock().clone())
            }
        };
        self.handle(group, backend, sources, collections).await
    }

    /// Opens a handle as a process with these keys would.
    pub(crate) async fn open_under(
        &self,
        keyring: Arc<Keyring>,
        collections: &[&'static Collection],
    ) -> Handle {
        let backend = self.open(collections).await.backend;
        let parts = StoreParts {
            group: "bank",
            backend: backend.clone(),
            keyring,
            sources: Sources::system(),
            collections: collections.to_vec(),
        };
        let store = Store::open(parts).await.unwrap();
        Handle { store, backend }
    }

    /// Opens a handle whose connections carry the name of an application, and which looks at its server often: one
    /// that only pretends to step down says so to nobody.
    pub(crate) async fn open_mongodb_as(&self, name: &str, collections: &[&'static Collection]) -> Handle {
        let url = mongodb_url(
            self.database(),
            &format!("appName={name}&serverMonitoringMode=poll&heartbeatFrequencyMS=500"),
        );
        self.open_mongodb_at(&url, collections).await
    }

    /// Opens a handle by an address of its own.
    pub(crate) async fn open_mongodb_at(&self, url: &str, collections: &[&'static Collection]) -> Handle {
        let options = MongoOptions::on(kernel_runtime());
        let cluster = MongoCluster::connect(url, options).await.unwrap();
        let sources = Sources::system();
        let backend = cluster.group("bank", sources.clock().clone());
        self.handle("bank", backend, sources, collections).await.unwrap()
    }

    async fn handle(
        &self,
        group: &'static str,
        backend: Arc<dyn Backend>,
        sources: Sources,
        collections: &[&'static Collection],
    ) -> Result<Handle, StoreError> {
        self.opened.lock().await.push(backend.clone());
        let store = Store::open(StoreParts {
            group,
            backend: backend.clone(),
            keyring: keyring(),
            sources,
            collections: collections.to_vec(),
        })
        .await?;
        Ok(Handle { store, backend })
    }

    /// Closes everything and takes the data away.
    pub(crate) async fn dispose(self) {
        for backend in self.opened.lock().await.drain(..) {
            backend.close().await;
        }
        if let Engine::Mongodb(database) = &self.engine {
            let database = driver().await.database(database);
            let dropping = kernel_runtime().spawn(async move { database.drop().await });
            dropping.await.unwrap().unwrap();
        }
    }
}

/// The driver itself, for tests that look behind the store.
pub(crate) async fn driver() -> mongodb::Client {
    let url = mongodb_url("admin", "");
    kernel_runtime()
        .spawn(async move { mongodb::Client::with_uri_str(url).await })
        .await
        .unwrap()
        .unwrap()
}

pub(crate) fn keyring() -> Arc<Keyring> {
    Arc::new(Keyring::new(&[("test".to_owned(), [7; 32])]).unwrap())
}

/// A call of the group itself in the default firm.
pub(crate) fn cx(store: &Store) -> CallContext {
    cx_of(store, TenantId::DEFAULT)
}

/// A call of the group itself in a firm.
pub(crate) fn cx_of(store: &Store, tenant: TenantId) -> CallContext {
    CallContext::system("bank", tenant, store.sources().ids())
}

pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// Asks again and again until the answer is there; a condition that never holds fails the test.
pub(crate) async fn eventually<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let patience = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(tokio::time::Instant::now() < patience, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The events of the feed once there are `count`.
pub(crate) async fn feed_of(store: &Store, count: usize) -> Vec<kernel::EventEnvelope> {
    let limit = u32::try_from(count).unwrap() + 10;
    eventually(&format!("{count} events in the feed"), || async move {
        let feed = store.feed(0, limit).await.unwrap();
        (feed.len() >= count).then_some(feed)
    })
    .await
}
