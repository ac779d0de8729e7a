//! Several processes write one file, and some of them die. The other processes are this test binary, started again to
//! run [`writing_process`] alone.

use crate::sqlite_fixture::{Account, cx, event, open};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use store::Store;
use uuid::Uuid;

const DIRECTORY: &str = "STORE_TEST_DIRECTORY";
const WRITER: &str = "STORE_TEST_WRITER";
const CALLERS: u64 = 8;

/// A process that commits until it is killed or its input is closed, and says on its output what was acknowledged.
#[ignore = "started by the other tests of this module"]
#[tokio::test]
async fn writing_process() {
    let (Ok(directory), Ok(writer)) = (std::env::var(DIRECTORY), std::env::var(WRITER)) else {
        return;
    };
    let writer: u64 = writer.parse().unwrap();
    let store = open(Path::new(&directory)).await;
    let stop = Arc::new(Mutex::new(false));
    let told = stop.clone();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_line(&mut String::new());
        *told.lock().unwrap() = true;
    });
    let loops = (0..CALLERS).map(|caller| write_until_told(&store, &stop, writer * 1_000 + caller));
    futures::future::join_all(loops).await;
    store.close().await;
}

/// Commits a document and its event, and writes `ack <number> <milliseconds>` for each.
async fn write_until_told(store: &Store, stop: &Mutex<bool>, caller: u64) {
    let cx = cx(store);
    for n in 0.. {
        if *stop.lock().unwrap() {
            return;
        }
        let number = caller * 1_000_000 + n;
        let mut batch = store.batch(&cx);
        batch.insert(
            Uuid::from_u128(number.into()),
            Account::new(&number.to_string(), "1"),
        );
        batch.event(event(&cx, number));
        let start = Instant::now();
        store.commit(batch).await.unwrap();
        let line = format!("ack {number} {}\n", start.elapsed().as_millis());
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
}

/// The numbers that a process has acknowledged, and how many milliseconds each took; changes wake whoever waits.
type Heard = (Mutex<Vec<(u64, u64)>>, Condvar);

/// A writing process and what it has acknowledged so far.
struct Writer {
    child: Child,
    acknowledged: Arc<Heard>,
    listener: JoinHandle<()>,
}

impl Writer {
    fn start(directory: &Path, writer: u64) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "sqlite_processes::writing_process",
                "--ignored",
                "--nocapture",
            ])
            .env(DIRECTORY, directory)
            .env(WRITER, writer.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let acknowledged = Arc::<Heard>::default();
        let (heard, output) = (acknowledged.clone(), child.stdout.take().unwrap());
        let listener = std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // A line that was cut by the kill is no acknowledgement that anybody could have read.
                let Some((_, rest)) = line.split_once("ack ") else {
                    continue;
                };
                let Some((number, took)) = rest.split_once(' ') else {
                    continue;
                };
                if let (Ok(number), Ok(took)) = (number.parse(), took.parse()) {
                    heard.0.lock().unwrap().push((number, took));
                    heard.1.notify_all();
                }
            }
        });
        Self {
            child,
            acknowledged,
            listener,
        }
    }

    fn wait_for(&self, count: usize) {
        let (acknowledged, more) = &*self.acknowledged;
        let patience = Duration::from_secs(60);
        let too_few = |heard: &mut Vec<_>| heard.len() < count;
        let waited = more.wait_timeout_while(acknowledged.lock().unwrap(), patience, too_few);
        assert!(!waited.unwrap().1.timed_out(), "the process does not get on");
    }

    /// Tells it to finish, or kills it; answers what it had acknowledged.
    fn end(mut self, kill: bool) -> Vec<(u64, u64)> {
        if kill {
            self.child.kill().unwrap();
        } else {
            drop(self.child.stdin.take());
        }
        let status = self.child.wait().unwrap();
        assert_eq!(status.success(), !kill);
        self.listener.join().unwrap();
        Arc::into_inner(self.acknowledged)
            .unwrap()
            .0
            .into_inner()
            .unwrap()
    }
}

/// Every acknowledged document is there with exactly one event, every event has its document, and the feed is dense.
async fn assert_whole(store: &Store, acknowledged: &[(u64, u64)]) {
    let mut told = BTreeSet::new();
    let mut last = 0;
    loop {
        let events = store.feed(last, 500).await.unwrap();
        if events.is_empty() {
            break;
        }
        for event in events {
            assert_eq!(event.seq, last + 1);
            last = event.seq;
            let number = event.data["n"].as_u64().unwrap();
            assert!(told.insert(number), "two events of {number}");
            let id = Uuid::from_u128(number.into());
            assert!(
                store.get_anywhere::<Account>(id).await.unwrap().is_some(),
                "{number}"
            );
        }
    }
    assert_eq!(store.last_seq().await.unwrap(), last);
    for (number, _) in acknowledged {
        assert!(told.contains(number), "{number} was acknowledged and is lost");
    }
}

#[tokio::test]
async fn two_processes_write_one_file_and_neither_waits_long() {
    let directory = tempfile::tempdir().unwrap();
    let writers = [1, 2].map(|writer| Writer::start(directory.path(), writer));
    for writer in &writers {
        writer.wait_for(400);
    }
    let acknowledged: Vec<_> = writers.into_iter().flat_map(|writer| writer.end(false)).collect();
    let slowest = acknowledged.iter().map(|(_, took)| *took).max().unwrap();
    // A busy machine may take seconds for one commit; a process that is starved waits until the other one ends.
    assert!(slowest < 10_000, "a commit waited {slowest} ms");
    assert_whole(&open(directory.path()).await, &acknowledged).await;
}

#[tokio::test]
async fn processes_that_are_killed_lose_nothing_that_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let steady = Writer::start(directory.path(), 1);
    let mut acknowledged = Vec::new();
    for round in 2..=5 {
        let victim = Writer::start(directory.path(), round);
        victim.wait_for(40 * usize::try_from(round).unwrap());
        acknowledged.extend(victim.end(true));
    }
    steady.wait_for(100);
    acknowledged.extend(steady.end(true));
    let store = open(directory.path()).await;
    assert_whole(&store, &acknowledged).await;
    let cx = cx(&store);
    let mut batch = store.batch(&cx);
    batch.event(event(&cx, 0));
    let before = store.last_seq().await.unwrap();
    assert_eq!(store.commit(batch).await.unwrap().last_seq, Some(before + 1));
}
