//! What the store adds to the MongoDB driver: the same commands through the store and through the bare driver.
//!
//! `TEST_MONGODB_URI=mongodb://… cargo run --release -p store --example mongodb_cost` prints one JSON object:
//! microseconds per operation, and this process's CPU time in them. Both write the same documents into the same
//! collection, in alternation; figures are medians. The database is dropped at the end. Linux only: CPU times come
//! from `/proc/self/task`.

#![expect(
    clippy::print_stdout,
    clippy::float_arithmetic,
    reason = "a program that prints figures"
)]

mod measure;

use bson::{Document as BsonDocument, doc};
use futures::TryStreamExt;
use kernel::{CallContext, PageRequest, Scope, Sources, TenantId};
use measure::{Entry, entry, median};
use mongodb::{
    Client, Collection as BsonCollection,
    options::{Acknowledgment, ClientOptions, ReadConcern, TransactionOptions, WriteConcern},
};
use serde_json::{Value, json};
use std::{
    error::Error,
    fs,
    time::{Duration, Instant},
};
use store::{MongoCluster, MongoOptions, Query, Sort, Store};
use uuid::Uuid;

const ROUNDS: usize = 15;
const CALLS: u32 = 10;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The CPU time of this process in microseconds.
fn cpu_micros() -> Outcome<f64> {
    let mut total = 0.0;
    for task in fs::read_dir("/proc/self/task")? {
        // A thread may end between the two looks.
        let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        total += text
            .split(' ')
            .next()
            .unwrap_or_default()
            .parse::<f64>()
            .unwrap_or(0.0);
    }
    Ok(total / 1000.0)
}

/// Time and CPU time per call.
async fn round<F: Future<Output = Outcome<()>>>(call: impl Fn() -> F) -> Outcome<(f64, f64)> {
    let (started, cpu) = (Instant::now(), cpu_micros()?);
    for _ in 0..CALLS {
        call().await?;
    }
    let per_call = f64::from(CALLS);
    Ok((
        started.elapsed().as_secs_f64() * 1e6 / per_call,
        (cpu_micros()? - cpu) / per_call,
    ))
}

/// The bare driver and the store in alternation.
async fn pair<F, G>(bare: impl Fn() -> F, ours: impl Fn() -> G) -> Outcome<Value>
where
    F: Future<Output = Outcome<()>>,
    G: Future<Output = Outcome<()>>,
{
    let (mut driver, mut store) = (Vec::new(), Vec::new());
    for turn in 0..ROUNDS {
        // Whoever comes second finds the other's pages warm: they take turns in that, too.
        if turn % 2 == 0 {
            driver.push(round(&bare).await?);
            store.push(round(&ours).await?);
        } else {
            store.push(round(&ours).await?);
            driver.push(round(&bare).await?);
        }
    }
    let times = |costs: &[(f64, f64)]| median(costs.iter().map(|cost| cost.0).collect());
    let cpu = |costs: &[(f64, f64)]| median(costs.iter().map(|cost| cost.1).collect());
    Ok(json!({
        "driver_us": times(&driver),
        "store_us": times(&store),
        "ratio": times(&store) / times(&driver),
        "driver_cpu_us": cpu(&driver),
        "store_cpu_us": cpu(&store),
    }))
}

/// A write counts when it is in the journal of a majority.
fn durable() -> WriteConcern {
    WriteConcern::builder()
        .w(Acknowledgment::Majority)
        .w_timeout(Duration::from_secs(10))
        .journal(true)
        .build()
}

/// The store's way of reading and writing.
fn as_durable(mut options: ClientOptions) -> ClientOptions {
    options.read_concern = Some(ReadConcern::majority());
    options.write_concern = Some(durable());
    options
}

/// The driver without anything around it.
struct Bare {
    client: Client,
    entries: BsonCollection<BsonDocument>,
    pattern: BsonDocument,
}

impl Bare {
    /// A document as the store would write it.
    fn document(&self, id: Uuid) -> BsonDocument {
        let mut document = self.pattern.clone();
        let id = bson::Uuid::from_bytes(*id.as_bytes());
        document.insert("_id", id);
        document.insert("id", id);
        document
    }

    async fn insert_two(&self, first: Uuid, second: Uuid) -> Outcome<()> {
        let mut session = self.client.start_session().await?;
        let options = TransactionOptions::builder()
            .read_concern(ReadConcern::snapshot())
            .write_concern(durable())
            .build();
        session.start_transaction().with_options(options).await?;
        let both = [self.document(first), self.document(second)];
        self.entries.insert_many(&both).session(&mut session).await?;
        session.commit_transaction().await?;
        Ok(())
    }

    async fn get(&self, id: Uuid) -> Outcome<()> {
        let id = bson::Uuid::from_bytes(*id.as_bytes());
        let found = self.entries.find_one(doc! { "_id": id }).await?;
        found.map(drop).ok_or_else(|| "the document is gone".into())
    }

    async fn page(&self, filter: &BsonDocument) -> Outcome<()> {
        let found = self
            .entries
            .find(filter.clone())
            .sort(doc! { "_k.place": -1, "_id": -1 })
            .limit(21);
        let found: Vec<BsonDocument> = found.await?.try_collect().await?;
        if found.len() == 21 {
            Ok(())
        } else {
            Err("not a full page".into())
        }
    }
}

async fn insert(store: &Store, cx: &CallContext, count: usize) -> Outcome<Uuid> {
    let mut batch = store.batch(cx);
    let id = store.sources().ids().next::<Uuid>();
    batch.insert(id, entry("savings", 1));
    for _ in 1..count {
        batch.insert(store.sources().ids().next::<Uuid>(), entry("savings", 1));
    }
    store.commit(batch).await?;
    Ok(id)
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let server = std::env::var("TEST_MONGODB_URI").map_err(|_| "set TEST_MONGODB_URI to a MongoDB server")?;
    let mut url = url::Url::parse(&server)?;
    let sources = Sources::system();
    let name = format!("wealthos_cost_{}", sources.ids().next::<Uuid>().simple());
    url.set_path(&name);
    let options = MongoOptions::on(tokio::runtime::Handle::current());
    let cluster = MongoCluster::connect(url.as_str(), options).await?;
    let backend = cluster.group("bank", sources.clock().clone());
    let store = measure::open(backend, vec![<Entry as store::Document>::collection()]).await?;
    let client = Client::with_options(as_durable(ClientOptions::parse(&server).await?))?;
    let measured = measure_all(&store, &client, &name).await;
    store.close().await;
    client.database(&name).drop().await?;
    println!("{:#}", measured?);
    Ok(())
}

async fn measure_all(store: &Store, client: &Client, database: &str) -> Outcome<Value> {
    let cx = &CallContext::system("bank", TenantId::DEFAULT, store.sources().ids());
    let known = insert(store, cx, 50).await?;
    let entries = client.database(database).collection::<BsonDocument>("entries");
    let pattern = entries.find_one(doc! {}).await?.ok_or("nothing was stored")?;
    let filter = doc! {
        "tenant_id": { "$eq": pattern.get("tenant_id").cloned() },
        "deleted_at": { "$eq": null },
        "$and": [{ "_k.account": { "$eq": "savings" } }],
    };
    let bare = &Bare {
        client: client.clone(),
        entries,
        pattern,
    };
    let next = || store.sources().ids().next::<Uuid>();
    let scope = &Scope::Tenant {
        tenant: TenantId::DEFAULT,
    };
    let page = PageRequest {
        limit: 20,
        ..PageRequest::default()
    };
    let query = &Query::sorted(Sort::descending("place"))
        .equals("account", "savings")
        .page(page);
    let commit = pair(
        || bare.insert_two(next(), next()),
        || async move { insert(store, cx, 2).await.map(drop) },
    );
    let commit = commit.await?;
    let get = pair(
        || bare.get(known),
        || async move {
            let found = store.get::<Entry>(scope, known).await?;
            found.map(drop).ok_or_else(|| "the document is gone".into())
        },
    );
    let get = get.await?;
    let list = pair(
        || bare.page(&filter),
        || async move { Ok(store.find::<Entry>(scope, query.clone()).await.map(drop)?) },
    );
    Ok(json!({ "commit": commit, "get": get, "page": list.await? }))
}
