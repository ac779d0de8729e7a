use events::{EventFeedClient, EventMetrics, Failure, ProjectOptions, Projection, Projector, StoreFeed};
use infrastructure::{GroupState, InfrastructureNeeds, StatusSource};
use infrastructure_contract::Registry;
use kernel::{CallContext, EventEnvelope, GroupInfo, ModuleInfo, NewEvent, Role, TenantId};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};
use store::{Batch, Store};
use testkit::{Harness, Login, Reply, TestServer};
use web::Mount;

static BANK: GroupInfo = GroupInfo {
    name: "bank",
    summary: "Keeps money",
    default_port: 9001,
    prefixes: &["/api/bank"],
    modules: &[ModuleInfo {
        name: "vault",
        prefixes: &["/api/bank/vault"],
    }],
    calls: &[],
    asks: &["books"],
    hears: &[],
    rates: &[],
    openapi: "",
};

static BOOKS: GroupInfo = GroupInfo {
    name: "books",
    summary: "Counts money",
    default_port: 9002,
    prefixes: &["/api/books"],
    modules: &[],
    calls: &["bank"],
    asks: &[],
    hears: &["bank"],
    rates: &[],
    openapi: "",
};

/// The group, served, over the feeds of a bank that produces and of books that consume. A third group, the attic, is
/// known and leads nowhere.
pub(crate) struct Setting {
    pub(crate) harness: Harness,
    pub(crate) server: TestServer,
    pub(crate) mount: Mount,
    pub(crate) registry: Arc<dyn Registry>,
    pub(crate) bank: Store,
    pub(crate) books: Store,
    pub(crate) counter: Arc<Counter>,
    pub(crate) bank_is_well: Arc<AtomicBool>,
}

impl Setting {
    pub(crate) async fn new() -> Self {
        let harness = Harness::new();
        let bank = harness.store("bank", events::collections()).await;
        let books = harness.store("books", events::collections()).await;
        let (seam, metrics) = (harness.seam(), harness.registry.with(EventMetrics::register));
        let feed = |name| EventFeedClient::unbound(&seam, name);
        let (bank_feed, books_feed) = (feed("bank"), feed("books"));
        let projector = |store: &Store| {
            let options = ProjectOptions {
                attempts: 1,
                ..ProjectOptions::default()
            };
            Projector::with_options(store.clone(), harness.tasks.clone(), metrics.clone(), options)
        };
        let counting = projector(&books);
        bank_feed.bind_local(Arc::new(StoreFeed::new(projector(&bank))));
        books_feed.bind_local(Arc::new(StoreFeed::new(counting.clone())));
        let counter = Arc::new(Counter {
            books: books.clone(),
            counted: AtomicU32::new(0),
            refuses: AtomicBool::new(false),
        });
        counting.run(counter.clone(), [bank_feed.clone()]);
        let bank_is_well = Arc::new(AtomicBool::new(true));
        let store = harness
            .store("infrastructure", infrastructure::collections())
            .await;
        let group = infrastructure::build(InfrastructureNeeds {
            store,
            sources: harness.sources.clone(),
            groups: vec![&BOOKS, &BANK],
            feeds: vec![
                ("attic", feed("attic")),
                ("bank", bank_feed),
                ("books", books_feed),
            ],
            status: Arc::new(Wellbeing(bank_is_well.clone())),
        });
        let server = harness.serve(vec![group.mount.clone()]);
        Self {
            harness,
            server,
            mount: group.mount,
            registry: group.registry,
            bank,
            books,
            counter,
            bank_is_well,
        }
    }

    /// Asks as somebody new in this role.
    pub(crate) async fn get(&self, role: Role, path: &str) -> Reply {
        let login = self.harness.log_in(role);
        self.server.get(path, &login.token).await
    }

    /// Commits an event of the bank as this user.
    pub(crate) async fn deposit(&self, login: &Login, kind: &str) {
        self.commit(&self.bank, login, kind).await;
    }

    /// Commits an event as this user, a second later.
    pub(crate) async fn commit(&self, store: &Store, login: &Login, kind: &str) {
        self.harness.clock.advance(chrono::TimeDelta::seconds(1));
        let cx = login.context(self.harness.sources.ids());
        let mut batch = store.batch(&cx);
        batch.event(NewEvent::new(&cx, kind, "deposit/1", json!({ "amount": "1.00" })));
        store.commit(batch).await.unwrap();
    }

    /// Waits until the books have dealt with this event of the bank.
    pub(crate) async fn books_reach(&self, seq: u64) {
        testkit::eventually("the books have read so far", || async {
            let cursor = self.books.consumer_cursor("counter", "bank").await.unwrap();
            (cursor.seq() >= seq).then_some(())
        })
        .await;
    }
}

/// Types and places of the listed events.
pub(crate) fn places(reply: &Reply) -> Vec<(String, u64)> {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let events = reply.body.as_array().unwrap();
    events
        .iter()
        .map(|event| {
            (
                event["type"].as_str().unwrap().to_owned(),
                event["seq"].as_u64().unwrap(),
            )
        })
        .collect()
}

/// Counts deposits, and refuses them as long as it is told to.
pub(crate) struct Counter {
    books: Store,
    pub(crate) counted: AtomicU32,
    pub(crate) refuses: AtomicBool,
}

#[rpc::async_trait]
impl Projection for Counter {
    fn name(&self) -> &'static str {
        "counter"
    }

    async fn apply(&self, cx: &CallContext, _event: &EventEnvelope) -> Result<Batch, Failure> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(Failure::permanent("the abacus is broken"));
        }
        self.counted.fetch_add(1, Ordering::SeqCst);
        Ok(self.books.batch(cx))
    }

    async fn reset(&self, cx: &CallContext) -> Result<Option<Batch>, Failure> {
        self.counted.store(0, Ordering::SeqCst);
        Ok(Some(self.books.batch(cx)))
    }
}

struct Wellbeing(Arc<AtomicBool>);

#[rpc::async_trait]
impl StatusSource for Wellbeing {
    async fn states(&self) -> Vec<GroupState> {
        vec![
            GroupState {
                name: "bank",
                operational: self.0.load(Ordering::SeqCst),
            },
            GroupState {
                name: "books",
                operational: true,
            },
        ]
    }
}

/// The id of some other firm.
pub(crate) fn other_firm() -> TenantId {
    TenantId("0190a5c0-0000-7000-8000-00000000f17a".parse().unwrap())
}
