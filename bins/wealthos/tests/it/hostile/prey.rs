use crate::process::{Home, Monolith, Remote};
use reqwest::Method;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};

/// The times that the server is told to give clients, in seconds.
pub(super) const PATIENCE: u64 = 2;
/// How much longer than that a connection may last on a loaded machine.
const MARGIN: Duration = Duration::from_secs(20);
/// What an honest user puts up with on a loaded machine. One that is starved waits much longer.
const BEARABLE: Duration = Duration::from_secs(5);

/// A server with short time limits, and an honest user who goes on asking.
pub(super) struct Prey {
    _home: Home,
    monolith: Monolith,
    pub(super) token: String,
    honest: Honest,
}

struct Honest {
    stop: Arc<AtomicBool>,
    asking: JoinHandle<Vec<Duration>>,
}

impl Prey {
    pub(super) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(super) async fn start_with(more: &[(&str, &str)]) -> Self {
        let seconds = PATIENCE.to_string();
        let mut environment = vec![
            ("WEALTHOS__HTTP__HEADER_TIMEOUT_SECONDS", seconds.as_str()),
            ("WEALTHOS__HTTP__BODY_TIMEOUT_SECONDS", &seconds),
            ("WEALTHOS__HTTP__IMPORT_TIMEOUT_SECONDS", &seconds),
            ("WEALTHOS__HTTP__READ_TIMEOUT_SECONDS", &seconds),
            ("WEALTHOS__HTTP__KEEP_ALIVE_SECONDS", &seconds),
        ];
        environment.extend(more);
        let home = Home::sqlite();
        let monolith = home.start_with(&environment).await;
        let (token, _) = monolith.remote().newcomer("honest@example.com", "client").await;
        let honest = Honest::begin(monolith.remote(), token.clone());
        Self {
            _home: home,
            monolith,
            token,
            honest,
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.monolith.address()
    }

    pub(super) fn remote(&self) -> Remote {
        self.monolith.remote()
    }

    /// How much memory the process has, in bytes.
    pub(super) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.monolith.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes * 1024
    }

    /// How many sockets the process holds.
    pub(super) fn sockets(&self) -> usize {
        let entries = std::fs::read_dir(format!("/proc/{}/fd", self.monolith.id())).unwrap();
        entries
            .flatten()
            .filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .filter(|target| target.to_string_lossy().starts_with("socket:"))
            .count()
    }

    /// The honest user was answered every time and soon enough; the server ends when it is told to.
    pub(super) async fn went_on(self, during: &str) {
        self.honest.stop.store(true, Ordering::SeqCst);
        let mut waits = self.honest.asking.await.unwrap();
        waits.sort_unstable();
        let worst = waits.last().copied().unwrap();
        println!(
            "{during}: {} honest requests, median {:?}, p99 {:?}, worst {worst:?}",
            waits.len(),
            waits[waits.len() / 2],
            waits[waits.len() * 99 / 100],
        );
        assert!(worst < BEARABLE, "{during}: an honest user waited {worst:?}");
        let (code, log) = self.monolith.terminate().await;
        assert_eq!(code, Some(0), "{log}");
        assert!(!log.contains("panicked"), "{log}");
    }
}

impl Honest {
    fn begin(api: Remote, token: String) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let asking = tokio::spawn(async move {
            let mut waits = Vec::new();
            // At least once, also when what it watches is over at once.
            loop {
                let started = Instant::now();
                // On a connection of their own: one that rests may be closed by the server while a request is under way on
                // it, and then every client asks again.
                let request = api
                    .request(Method::GET, "/api/v1/transactions", &token)
                    .header("connection", "close");
                let answer = api.try_send(request).await.unwrap();
                assert_eq!(answer.status, 200, "an honest user was refused: {}", answer.body);
                waits.push(started.elapsed());
                if told.load(Ordering::SeqCst) {
                    return waits;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        Self { stop, asking }
    }
}

/// How a connection ended.
#[derive(Debug)]
pub(super) struct End {
    /// What was answered, if anything.
    pub(super) answer: String,
    pub(super) after: Duration,
}

impl End {
    /// The status; 0 when the connection was closed without a word.
    pub(super) fn status(&self) -> u16 {
        self.answer
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3)?.parse().ok())
            .unwrap_or(0)
    }

    /// A refusal of the client's, or a closed connection; and soon enough.
    pub(super) fn is_refusal(&self, what: &str) {
        let status = self.status();
        assert!(
            status == 0 || (400..500).contains(&status),
            "{what}: {}",
            self.answer
        );
        self.is_in_time(what);
    }

    pub(super) fn is_in_time(&self, what: &str) {
        let most = Duration::from_secs(PATIENCE) + MARGIN;
        assert!(self.after < most, "{what}: still open after {:?}", self.after);
    }
}

/// Sends `bytes` and waits until the server closes the connection or its answer is complete.
pub(super) async fn send(address: SocketAddr, bytes: &[u8]) -> End {
    let started = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that has heard enough closes before everything is sent.
    let _ = stream.write_all(bytes).await;
    finish(stream, started).await
}

/// Sends `head` and then one byte after the other, for as long as the server lets it.
pub(super) async fn dribble(address: SocketAddr, head: &[u8], byte: u8) -> End {
    let started = Instant::now();
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    writing.write_all(head).await.unwrap();
    let writing = tokio::spawn(async move {
        while writing.write_all(&[byte]).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut answer = Vec::new();
    let most = Duration::from_secs(PATIENCE) + MARGIN + Duration::from_secs(10);
    let _ = tokio::time::timeout(most, async {
        while let Ok(1..) = reading.read_buf(&mut answer).await {}
    })
    .await;
    writing.abort();
    End {
        answer: String::from_utf8_lossy(&answer).into_owned(),
        after: started.elapsed(),
    }
}

/// Reads until the server closes.
pub(super) async fn finish(mut stream: TcpStream, started: Instant) -> End {
    let mut answer = Vec::new();
    let most = Duration::from_secs(PATIENCE) + MARGIN + Duration::from_secs(10);
    let _ = tokio::time::timeout(most, async {
        while let Ok(1..) = stream.read_buf(&mut answer).await {}
    })
    .await;
    End {
        answer: String::from_utf8_lossy(&answer).into_owned(),
        after: started.elapsed(),
    }
}
