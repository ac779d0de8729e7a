//! Many sequencers at once, none of which respects the lease, dying at any moment.

use super::*;
use crate::{
    MongoCluster, MongoOptions, RawBatch,
    mongodb::{commit::Writer, names},
};
use kernel::{CallContext, NewEvent, TenantId};

const WRITERS: u64 = 4;
const COMMITS: u64 = 40;

fn url(database: &str) -> String {
    let uri = std::env::var("TEST_MONGODB_URI").expect(
        "TEST_MONGODB_URI names no MongoDB server, and tests on MongoDB are never skipped: \
         run `export \"$(scripts/mongodb-for-tests start)\"` first",
    );
    let (scheme, rest) = uri.split_once("://").unwrap();
    let (hosts, parameters) = match rest.split_once(['/', '?']) {
        Some((hosts, _)) => (
            hosts,
            rest.split_once('?').map_or("", |(_, parameters)| parameters),
        ),
        None => (rest, ""),
    };
    format!("{scheme}://{hosts}/{database}?{parameters}")
}

/// Two events of one aggregate per commit, each aggregate written by one writer.
async fn write(writer: Writer, number: u64) {
    let sources = Sources::system();
    let cx = CallContext::system("bank", TenantId::DEFAULT, sources.ids());
    for commit in 0..COMMITS {
        let events = [1, 2].map(|place| {
            let version = commit * 2 + place;
            let data = serde_json::json!({ "writer": number, "version": version });
            let event = NewEvent::new(&cx, "t", format!("aggregate/{number}"), data).at_version(version);
            (sources.ids().next(), sources.now(), event)
        });
        let batch = RawBatch {
            writes: Vec::new(),
            events: events.into(),
        };
        writer.commit(batch).await.unwrap();
    }
}

/// Numbers what it finds, and is cut off after a while of its own.
async fn number_and_die(cluster: &MongoCluster, number: u64, all: u64) {
    let database = cluster.database();
    let outbox: Collection<Document> = database.collection(&names::outbox("bank"));
    let leases = database.collection(&names::sequencer("bank"));
    let mut life = number;
    while outbox::last_seq(&outbox).await.unwrap() < all {
        let mut sequencer = Sequencer::new(database, outbox.clone(), leases.clone(), Signals::new());
        life = (life * 7 + 3) % 23;
        let work = async {
            loop {
                let rows = sequencer.unnumbered().await.unwrap();
                sequencer.number(&in_order(rows)).await.unwrap();
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_millis(30 + life * 20), work)
            .await
            .ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sequencers_that_collide_and_die_leave_no_gap_and_no_double() {
    let random: u64 = u64::from_le_bytes(Sources::system().random());
    let url = url(&format!("wealthos_test_{random:016x}"));
    let options = MongoOptions::on(tokio::runtime::Handle::current());
    let cluster = MongoCluster::connect(&url, options).await.unwrap();
    let outbox: Collection<Document> = cluster.database().collection(&names::outbox("bank"));
    outbox::prepare(&outbox).await.unwrap();
    let all = WRITERS * COMMITS * 2;
    let writing = (0..WRITERS).map(|number| {
        let writer = Writer::new(cluster.client(), cluster.database(), "bank", &Arc::default());
        write(writer, number)
    });
    let numbering = (0..3).map(|number| number_and_die(&cluster, number, all));
    let reading = async {
        let mut seen = Vec::new();
        while (seen.len() as u64) < all {
            let part = outbox::feed(&outbox, "bank", seen.len() as u64, 1_000)
                .await
                .unwrap();
            seen.extend(part);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        seen
    };
    let everything = async {
        tokio::join!(
            futures::future::join_all(writing),
            futures::future::join_all(numbering),
            reading
        )
    };
    let finished = tokio::time::timeout(Duration::from_secs(60), everything).await;
    let (_, _, seen) = match finished {
        Ok(outcome) => outcome,
        Err(_) => {
            let pending = outbox.count_documents(doc! { "pending": true }).await.unwrap();
            panic!(
                "{} numbered, {pending} wait",
                outbox::last_seq(&outbox).await.unwrap()
            );
        }
    };
    let feed = outbox::feed(&outbox, "bank", 0, 10_000).await.unwrap();
    assert_eq!(feed, seen, "nothing appears behind a reader");
    assert_eq!(feed.len() as u64, all);
    for writer in 0..WRITERS {
        let own = feed.iter().filter(|event| event.data["writer"] == writer);
        let versions: Vec<u64> = own.map(|event| event.data["version"].as_u64().unwrap()).collect();
        assert_eq!(versions, (1..=COMMITS * 2).collect::<Vec<_>>());
    }
    cluster.database().drop().await.unwrap();
}
