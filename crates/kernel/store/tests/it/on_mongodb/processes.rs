//! Processes that die in the middle of their work, the one that numbers events among them. The processes are this test
//! binary, started again to run [`writing_process`] alone.

use crate::conformance::{
    place::{Handle, Place, cx, eventually, id},
    samples::{Counter, counted},
};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
};
use store::{Document, Store};

const DATABASE: &str = "STORE_TEST_DATABASE";
const WRITER: &str = "STORE_TEST_WRITER";
const CALLERS: u64 = 4;

/// A process that commits until it is killed, and says on its output what was acknowledged.
#[ignore = "started by the other tests of this module"]
#[tokio::test]
async fn writing_process() {
    let (Ok(database), Ok(writer)) = (std::env::var(DATABASE), std::env::var(WRITER)) else {
        return;
    };
    let writer: u64 = writer.parse().unwrap();
    let place = Place::mongodb_named(database);
    let store = place.open(&[Counter::collection()]).await;
    let loops = (0..CALLERS).map(|caller| write_for_ever(&store, writer * 1_000 + caller));
    futures::future::join_all(loops).await;
}

/// Commits a document and its event, and writes `ack <number>` for each.
async fn write_for_ever(store: &Store, caller: u64) {
    let cx = cx(store);
    for n in 0.. {
        let number = caller * 1_000_000 + n;
        let mut batch = store.batch(&cx);
        batch.insert(id(number.into()), Counter { value: 1 });
        batch.event(counted(&cx, number));
        store.commit(batch).await.unwrap();
        std::io::stdout()
            .write_all(format!("ack {number}\n").as_bytes())
            .unwrap();
    }
}

fn start(place: &Place, writer: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "on_mongodb::processes::writing_process",
            "--ignored",
            "--nocapture",
        ])
        .env(DATABASE, place.database())
        .env(WRITER, writer.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Listens until `count` commits are acknowledged, kills, and listens to the end.
fn kill_after(mut child: Child, count: usize) -> Vec<u64> {
    let mut acknowledged = Vec::new();
    let output = BufReader::new(child.stdout.take().unwrap());
    for line in output.lines().map_while(Result::ok) {
        let number = line.split_once("ack ").map(|(_, number)| number);
        acknowledged.extend(number.and_then(|number| number.parse::<u64>().ok()));
        if acknowledged.len() == count {
            child.kill().unwrap();
        }
    }
    assert!(
        acknowledged.len() >= count,
        "the process ended by itself after {acknowledged:?}"
    );
    child.wait().unwrap();
    acknowledged
}

async fn assert_whole(handle: &Handle, acknowledged: &[u64]) {
    // Whatever was committed has its number once nothing new comes.
    let last = *acknowledged.last().unwrap();
    let mut told = BTreeSet::new();
    let mut seen = 0;
    eventually("the last acknowledged commit is in the feed", || {
        let feed = handle.store.clone();
        async move {
            feed.feed(0, 100_000)
                .await
                .unwrap()
                .iter()
                .any(|event| event.data["n"] == last)
                .then_some(())
        }
    })
    .await;
    for event in handle.feed(0, 100_000).await.unwrap() {
        seen += 1;
        assert_eq!(event.seq, seen);
        let number = event.data["n"].as_u64().unwrap();
        assert!(told.insert(number), "two events of {number}");
        let document = handle.get_anywhere::<Counter>(id(number.into())).await.unwrap();
        assert!(document.is_some(), "an event without its document: {number}");
    }
    for number in acknowledged {
        assert!(told.contains(number), "acknowledged and lost: {number}");
    }
}

#[tokio::test]
async fn killed_processes_lose_and_double_nothing() {
    let place = Place::mongodb();
    let handle = place.open(&[Counter::collection()]).await;
    let mut acknowledged = Vec::new();
    for round in 0..3_u64 {
        let children = [1, 2].map(|process| start(&place, round * 10 + process));
        let listening = children
            .into_iter()
            .zip([12, 25])
            .map(|(child, count)| tokio::task::spawn_blocking(move || kill_after(child, count)));
        for heard in futures::future::join_all(listening).await {
            acknowledged.extend(heard.unwrap());
        }
        // A commit of the living, after the dead ones: what it waits for has all been numbered.
        let cx = cx(&handle);
        let number = 900_000_000 + round;
        let mut batch = handle.batch(&cx);
        batch.insert(id(number.into()), Counter { value: 1 });
        batch.event(counted(&cx, number));
        handle.commit(batch).await.unwrap();
        acknowledged.push(number);
        assert_whole(&handle, &acknowledged).await;
    }
    place.dispose().await;
}
