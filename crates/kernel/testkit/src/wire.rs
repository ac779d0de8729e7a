use std::{
    io,
    net::SocketAddr,
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
    _pumps: JoinSet<()>,
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
        let target: String = target.into();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (state, seen) = watch::channel(State::default());
        let mut pumps = JoinSet::new();
        pumps.spawn(accept(listener, target, seen));
        Ok(Self {
            address,
            state,
            _pumps: pumps,
        })
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

async fn accept(listener: TcpListener, target: String, state: watch::Receiver<State>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        if state.borrow().weather == Weather::Refusing {
            continue;
        }
        connections.spawn(connect(client, target.clone(), state.clone()));
    }
}

async fn connect(client: TcpStream, target: String, state: watch::Receiver<State>) {
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut cut = state.clone();
    let age = cut.borrow_and_update().age;
    tokio::select! {
        () = pump(from_client, to_server, state.clone(), Way::Request) => {}
        () = pump(from_server, to_client, state, Way::Answer) => {}
        _ = cut.wait_for(|state| state.age != age) => {}
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Request,
    Answer,
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<State>, way: Way) {
    let mut piece = vec![0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let read = Instant::now();
        loop {
            let weather = state.borrow_and_update().weather;
            let wait = match weather {
                Weather::Clear | Weather::Refusing => break,
                Weather::AnswersLost if way == Way::Request => break,
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
