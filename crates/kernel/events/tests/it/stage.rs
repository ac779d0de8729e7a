//! A producing and a consuming group with a store each, and what a process has beside them.

use events::{EventFeed, EventFeedClient, EventMetrics, ProjectOptions, Projector, StoreFeed};
use kernel::{
    CallContext, Clock, Entropy, IdempotencyKey, NewEvent, Principal, Role, Sources, SystemEntropy, Tasks,
    TenantId, UserPrincipal,
};
use prometheus_client::registry::Registry;
use rpc::Seam;
use std::{path::Path, sync::Arc, time::Duration};
use store::{Collection, Keyring, ReaderPool, SqliteBackend, Store, StoreParts};
use tempfile::TempDir;

/// Where the data of a test lies. Any number of processes can be started on it.
pub(crate) struct Stage {
    directory: Arc<TempDir>,
    sources: Sources,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self {
            directory: Arc::new(tempfile::tempdir().unwrap()),
            sources: Sources::system(),
        }
    }

    pub(crate) fn at(clock: Arc<dyn Clock>) -> Self {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        Self {
            directory: Arc::new(tempfile::tempdir().unwrap()),
            sources: Sources::new(clock, entropy),
        }
    }

    pub(crate) async fn process(&self) -> Process {
        let tasks = Tasks::new();
        let mut registry = Registry::default();
        let seam = Seam::new(tasks.clone(), &mut registry);
        let metrics = EventMetrics::register(&mut registry);
        let bank = open(self.directory.path(), "bank", &self.sources).await;
        let books = open(self.directory.path(), "books", &self.sources).await;
        let process = Process {
            bank_feed: EventFeedClient::unbound(&seam, "bank"),
            projector: Projector::with_options(books.clone(), tasks.clone(), metrics.clone(), hasty()),
            bank,
            books,
            tasks,
            seam,
            metrics,
            registry,
            _directory: self.directory.clone(),
        };
        process.bind_bank();
        process
    }
}

/// Options under which a test need not be patient.
pub(crate) fn hasty() -> ProjectOptions {
    ProjectOptions {
        attempts: 3,
        first_backoff: Duration::from_millis(1),
        longest_backoff: Duration::from_millis(20),
        takeover: Duration::from_millis(200),
        ..ProjectOptions::default()
    }
}

/// One process, in which both groups run.
pub(crate) struct Process {
    pub(crate) bank: Store,
    pub(crate) books: Store,
    pub(crate) bank_feed: EventFeedClient,
    pub(crate) projector: Projector,
    pub(crate) tasks: Tasks,
    pub(crate) seam: Seam,
    pub(crate) metrics: EventMetrics,
    pub(crate) registry: Registry,
    /// The data stays as long as any process on it.
    _directory: Arc<TempDir>,
}

impl Process {
    pub(crate) fn bind_bank(&self) {
        let projector = Projector::new(self.bank.clone(), self.tasks.clone(), self.metrics.clone());
        self.bank_feed.bind_local(Arc::new(StoreFeed::new(projector)));
    }

    /// The feed of the consuming group, which also answers for its consumers.
    pub(crate) fn books_feed(&self) -> impl EventFeed {
        StoreFeed::new(self.projector.clone())
    }

    /// Commits `count` events in the bank, each worth one more than the one before, from 1.
    pub(crate) async fn deposit(&self, amounts: impl IntoIterator<Item = u64>) {
        for amount in amounts {
            self.bank_event("money.deposited", amount, TenantId::DEFAULT)
                .await;
        }
    }

    pub(crate) async fn bank_event(&self, event_type: &str, amount: u64, tenant: TenantId) {
        let cx = system(&self.bank, tenant);
        let mut batch = self.bank.batch(&cx);
        let data = serde_json::json!({ "amount": amount });
        batch.event(NewEvent::new(&cx, event_type, format!("deposit/{amount}"), data));
        self.bank.commit(batch).await.unwrap();
    }

    /// Waits until so many events of the bank have their place: some stores number them after the commit.
    pub(crate) async fn bank_has(&self, events: u64) {
        eventually(&format!("{events} events"), || async {
            self.bank.last_seq().await.unwrap() == events
        })
        .await;
    }

    pub(crate) async fn stop(&self) {
        assert!(
            self.tasks.stop(Duration::from_secs(10)).await,
            "tasks did not end"
        );
    }

    pub(crate) fn exposed(&self) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry).unwrap();
        text
    }
}

async fn open(directory: &Path, group: &'static str, sources: &Sources) -> Store {
    let path = directory.join(format!("{group}.sqlite3"));
    let pool = ReaderPool::of_process().unwrap();
    let backend = SqliteBackend::open(group, &path, sources.clock().clone(), pool).unwrap();
    let mut collections: Vec<&'static Collection> = events::collections();
    collections.extend(crate::tally::collections());
    Store::open(StoreParts {
        group,
        backend: Arc::new(backend),
        keyring: Arc::new(Keyring::new(&[("test".to_owned(), [7; 32])]).unwrap()),
        sources: sources.clone(),
        collections,
    })
    .await
    .unwrap()
}

pub(crate) fn system(store: &Store, tenant: TenantId) -> CallContext {
    CallContext::system(store.group(), tenant, store.sources().ids())
}

pub(crate) fn user(role: Role, tenant: TenantId) -> CallContext {
    let sources = Sources::system();
    let user = UserPrincipal {
        user: sources.ids().next(),
        role,
        tenant,
        session: sources.ids().next(),
        role_version: 1,
        impersonator: None,
        scopes: None,
    };
    CallContext::at_edge(Principal::User(user), sources.ids().next(), None)
}

pub(crate) fn key() -> IdempotencyKey {
    IdempotencyKey::fresh(Sources::system().ids())
}

/// Waits until `condition` holds; fails after half a minute.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let waited = tokio::time::timeout(Duration::from_secs(30), async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    assert!(waited.await.is_ok(), "{what} did not happen");
}
