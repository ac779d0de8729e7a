mod commands;

use commands::{Commands, Listener};
use std::{
    collections::BTreeSet,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

/// How long a wire whose far end is dead waits for the request that it counts.
const LAST_WORD: Duration = Duration::from_secs(1);

/// What a wire does with the bytes that are sent over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weather {
    /// They pass.
    #[default]
    Clear,
    /// Each piece passes after this time.
    Slow(Duration),
    /// Connections are accepted and stand, and nothing passes: a peer that is half open.
    Silent,
    /// Requests pass, answers do not.
    AnswersLost,
    /// A new connection is closed at once.
    Refusing,
}

/// A wire between two processes that can be slow, cut or dead at one end: a small proxy in user space, for a kernel
/// without `netem`. It ends when this is dropped.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    state: watch::Sender<State>,
    counted: Counted,
    commands: Option<Commands>,
    _pumps: JoinSet<()>,
}

/// The requests that are counted: those whose path begins with one of these.
#[derive(Debug, Clone)]
struct Counted {
    paths: &'static [&'static str],
    seen: Arc<[AtomicU64]>,
}

impl Counted {
    /// A piece counts when it begins with the head of such a request.
    fn look_at(&self, piece: &[u8]) {
        let mut words = piece.split(|byte| *byte == b' ');
        let path = words.next().and_then(|_method| words.next()).unwrap_or_default();
        let place = self
            .paths
            .iter()
            .position(|wanted| path.starts_with(wanted.as_bytes()));
        if let Some(seen) = place.and_then(|place| self.seen.get(place)) {
            seen.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct State {
    weather: Weather,
    /// Connections of an earlier age are cut.
    age: u64,
}

impl Wire {
    /// A wire to an address, on a free port.
    pub async fn to(target: impl Into<String>) -> io::Result<Self> {
        Self::lay(target.into(), &[], None).await
    }

    /// The same to a MongoDB server, which hears the commands that are sent to it.
    pub async fn hearing_commands(target: impl Into<String>) -> io::Result<Self> {
        Self::lay(target.into(), &[], Some(Commands::default())).await
    }

    /// The same, which counts the HTTP/1.1 requests that are sent to the target and whose path begins with one of
    /// these, whether it answers or not.
    pub async fn counting(target: impl Into<String>, paths: &'static [&'static str]) -> io::Result<Self> {
        Self::lay(target.into(), paths, None).await
    }

    async fn lay(
        target: String,
        paths: &'static [&'static str],
        commands: Option<Commands>,
    ) -> io::Result<Self> {
        let counted = Counted {
            paths,
            seen: paths.iter().map(|_| AtomicU64::new(0)).collect(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (state, seen) = watch::channel(State::default());
        let mut pumps = JoinSet::new();
        pumps.spawn(accept(listener, target, seen, counted.clone(), commands.clone()));
        Ok(Self {
            address,
            state,
            counted,
            commands,
            _pumps: pumps,
        })
    }

    /// How many requests have come so far whose path begins with this, which is one of those that it counts.
    pub fn requests(&self, path: &str) -> u64 {
        let counts = self.counted.paths.iter().zip(self.counted.seen.iter());
        counts
            .filter(|(counted, _)| **counted == path)
            .map(|(_, seen)| seen.load(Ordering::Relaxed))
            .sum()
    }

    /// The names of the MongoDB commands that have come so far.
    pub fn commands(&self) -> BTreeSet<String> {
        self.commands.as_ref().map(Commands::names).unwrap_or_default()
    }

    /// Where to connect to instead of the target.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what happens to bytes from now on, on connections that stand as well. What waited passes when it is clear
    /// again.
    pub fn turn(&self, weather: Weather) {
        self.state.send_modify(|state| state.weather = weather);
    }

    /// Cuts all connections that stand.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.age += 1);
    }
}

async fn accept(
    listener: TcpListener,
    target: String,
    state: watch::Receiver<State>,
    counted: Counted,
    commands: Option<Commands>,
) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        if state.borrow().weather == Weather::Refusing {
            continue;
        }
        let heard = commands.as_ref().map(Commands::of_connection);
        connections.spawn(connect(
            client,
            target.clone(),
            state.clone(),
            counted.clone(),
            heard,
        ));
    }
}

async fn connect(
    mut client: TcpStream,
    target: String,
    state: watch::Receiver<State>,
    counted: Counted,
    heard: Option<Listener>,
) {
    let Ok(server) = TcpStream::connect(target).await else {
        if !counted.paths.is_empty() {
            let mut piece = vec![0; 16_384];
            let asked = tokio::time::timeout(LAST_WORD, client.read(&mut piece)).await;
            counted.look_at(&piece[..asked.map_or(0, Result::unwrap_or_default)]);
        }
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut cut = state.clone();
    let age = cut.borrow_and_update().age;
    tokio::select! {
        () = pump(from_client, to_server, state.clone(), Way::Request(counted, heard)) => {}
        () = pump(from_server, to_client, state, Way::Answer) => {}
        _ = cut.wait_for(|state| state.age != age) => {}
    }
}

#[derive(Debug)]
enum Way {
    Request(Counted, Option<Listener>),
    Answer,
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<State>,
    mut way: Way,
) {
    let mut piece = vec![0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let read = Instant::now();
        if let Way::Request(counted, heard) = &mut way {
            counted.look_at(&piece[..length]);
            if let Some(heard) = heard {
                heard.hear(&piece[..length]);
            }
        }
        loop {
            let weather = state.borrow_and_update().weather;
            let wait = match weather {
                Weather::Clear | Weather::Refusing => break,
                Weather::AnswersLost if matches!(way, Way::Request(..)) => break,
                Weather::Slow(wait) => wait.saturating_sub(read.elapsed()),
                Weather::Silent | Weather::AnswersLost => Duration::MAX,
            };
            if wait.is_zero() {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => break,
                changed = state.changed() => if changed.is_err() { return },
            }
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
