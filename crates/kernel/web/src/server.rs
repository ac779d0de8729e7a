use crate::{
    Failure, Mount, ShellError,
    edge::Guard,
    seam,
    state::{RequestState, Shared, Traffic},
    system,
};
use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    guard::{GuardContext, fn_guard},
    web::{self, Data, ServiceConfig},
};
use listenfd::ListenFd;
use runtime::{open_files::connections_per_worker, settings::ServerSettings};
#[cfg(target_os = "linux")]
use socket2::SockRef;
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};
use tokio::task::JoinHandle;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 2048;
/// Seconds in which a client may go on sending what nobody reads, so that it gets to read why.
const TO_READ_A_REFUSAL: u64 = 2;
/// Seconds that idle connections get once no request is in flight.
const LAST_WORDS: u64 = 1;

/// The sockets that a server listens on: bound here, or inherited from whoever started the process.
#[derive(Debug, Default)]
pub struct Listeners {
    /// For everything.
    pub main: Vec<TcpListener>,
    /// For `/metrics` alone.
    pub metrics: Option<TcpListener>,
    /// For calls of other processes alone; they are then answered on no other.
    pub internal: Option<TcpListener>,
}

impl Listeners {
    /// The sockets that whoever started the process passed on (`LISTEN_FDS`, as systemd does: first the main one, then
    /// the one for metrics), if any. A socket that outlives the process loses no connection while the process is
    /// replaced. Call it before threads are started: it takes the variables away.
    pub fn passed_on() -> Result<Option<Self>, ShellError> {
        let mut passed_on = ListenFd::from_env();
        let mut take = |place| passed_on.take_tcp_listener(place).map_err(ShellError::Start);
        let Some(main) = take(0)? else {
            return Ok(None);
        };
        let metrics = take(1)?;
        for listener in std::iter::once(&main).chain(&metrics) {
            listener.set_nonblocking(true).map_err(ShellError::Start)?;
        }
        Ok(Some(Self::inherited(vec![main], metrics)))
    }

    /// Binds what the settings say; port 0 takes a free one.
    pub fn bind(settings: &ServerSettings) -> Result<Self, ShellError> {
        let ip = ip_of(settings)?;
        let metrics = settings
            .metrics_port()
            .map(|port| listen(SocketAddr::new(ip, port)));
        Self {
            main: vec![listen(SocketAddr::new(ip, settings.port))?],
            metrics: metrics.transpose()?,
            internal: None,
        }
        .with_internal(settings)
    }

    /// Calls must never be answered on the main listener because somebody passed on that one alone.
    fn with_internal(self, settings: &ServerSettings) -> Result<Self, ShellError> {
        let bound = match self.internal {
            Some(inherited) => Some(inherited),
            None => settings.internal_listen.map(listen).transpose()?,
        };
        Ok(Self {
            internal: bound,
            ..self
        })
    }

    /// Binds one socket that says how a process is; port 0 takes a free one.
    pub fn bind_status(settings: &ServerSettings, port: u16) -> Result<TcpListener, ShellError> {
        listen(SocketAddr::new(ip_of(settings)?, port))
    }

    /// Sockets that exist already.
    pub fn inherited(main: Vec<TcpListener>, metrics: Option<TcpListener>) -> Self {
        Self {
            main,
            metrics,
            internal: None,
        }
    }
}

fn ip_of(settings: &ServerSettings) -> Result<IpAddr, ShellError> {
    match settings.host.as_str() {
        "localhost" => Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        host => host.parse().map_err(|_| ShellError::Host {
            host: host.to_owned(),
        }),
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, ShellError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(TcpListener::from(socket))
    };
    open().map_err(|source| ShellError::Listen { address, source })
}

/// A server that runs.
pub struct RunningServer {
    addrs: Vec<SocketAddr>,
    metrics_addr: Option<SocketAddr>,
    internal_addr: Option<SocketAddr>,
    handles: Vec<ServerHandle>,
    ended: Vec<JoinHandle<()>>,
    traffic: Arc<Traffic>,
    patience: Duration,
}

impl RunningServer {
    /// Where it listens.
    pub fn addrs(&self) -> &[SocketAddr] {
        &self.addrs
    }

    /// Where it listens for `/metrics` alone.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_addr
    }

    /// Where it listens for calls of other processes alone.
    pub fn internal_addr(&self) -> Option<SocketAddr> {
        self.internal_addr
    }

    /// `/ready` turns 503 and answers say `Connection: close`; requests are still served.
    pub fn drain(&self) {
        self.traffic.drain();
    }

    /// Stops. Gracefully: no new connections, streams to other processes are cut, requests in flight are finished (up to
    /// `server.stop_seconds`), then the connections are closed. Otherwise all is cut at once. Answers whether every request was finished.
    pub async fn stop(self, graceful: bool) -> bool {
        self.drain();
        let mut finished = false;
        if graceful {
            for handle in &self.handles {
                handle.pause().await;
            }
            self.traffic.leave();
            finished = tokio::time::timeout(self.patience, self.traffic.idle())
                .await
                .is_ok();
        }
        for handle in &self.handles {
            handle.stop(graceful && finished).await;
        }
        for server in self.ended {
            // A server that panicked has ended as well.
            let _ = server.await;
        }
        finished
    }
}

impl fmt::Debug for RunningServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunningServer({:?})", self.addrs)
    }
}

pub(crate) fn start(
    shared: Arc<Shared>,
    mounts: Vec<Mount>,
    listeners: Listeners,
) -> Result<RunningServer, ShellError> {
    let listeners = listeners.with_internal(&shared.settings.server)?;
    let mut running = RunningServer {
        addrs: addresses(&listeners.main)?,
        metrics_addr: addresses(listeners.metrics.as_slice())?.pop(),
        internal_addr: addresses(listeners.internal.as_slice())?.pop(),
        handles: Vec::new(),
        ended: Vec::new(),
        traffic: shared.traffic.clone(),
        patience: Duration::from_secs(shared.settings.server.stop_seconds),
    };
    let guard = Guard {
        shared: shared.clone(),
        internal: running.internal_addr,
    };
    let sockets = listeners.main.into_iter().chain(listeners.internal);
    running.run(&shared, main_server(guard, mounts, sockets)?);
    if let Some(listener) = listeners.metrics {
        running.run(&shared, metrics_server(&shared, listener)?);
    }
    Ok(running)
}

impl RunningServer {
    fn run(&mut self, shared: &Shared, server: actix_web::dev::Server) {
        self.handles.push(server.handle());
        self.ended.push(shared.tasks.spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the server ended by itself"
                );
            }
        }));
    }
}

fn addresses(listeners: &[TcpListener]) -> Result<Vec<SocketAddr>, ShellError> {
    let addresses = listeners.iter().map(TcpListener::local_addr);
    addresses.collect::<Result<_, _>>().map_err(ShellError::Start)
}

fn main_server(
    guard: Guard,
    mounts: Vec<Mount>,
    listeners: impl Iterator<Item = TcpListener>,
) -> Result<actix_web::dev::Server, ShellError> {
    let shared = guard.shared.clone();
    let http = &shared.settings.http;
    let workers = match shared.settings.server.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let for_workers = shared.clone();
    let mounts = Arc::new(mounts);
    let mut server = HttpServer::new(move || {
        let docs = for_workers.settings.server.docs;
        let mounts = mounts.clone();
        App::new()
            .app_data(Data::from(for_workers.clone()))
            .configure(move |config| {
                for mount in mounts.iter() {
                    if let Some(configure) = mount.configure.clone() {
                        let group = mount.info.name;
                        let own = web::scope("").guard(fn_guard(move |context| may_be_of(context, group)));
                        config.service(own.configure(move |config| configure(config)));
                    }
                }
                system::configure(config, docs);
                seam::configure(config);
            })
            .default_service(web::to(system::fallback))
            .wrap(guard.clone())
    })
    .disable_signals()
    .tcp_nodelay(true)
    // Who leaves does not wait for the answer: what was begun for them is dropped.
    .h1_allow_half_closed(false)
    .keep_alive(Duration::from_secs(http.keep_alive_seconds))
    .client_request_timeout(Duration::from_secs(http.header_timeout_seconds))
    .client_disconnect_timeout(Duration::from_secs(TO_READ_A_REFUSAL))
    .max_connections(connections_per_worker(http.max_connections, workers))
    .workers(workers)
    .shutdown_timeout(LAST_WORDS);
    let patience = Duration::from_secs(http.read_timeout_seconds);
    for listener in listeners {
        give_up_on_who_does_not_read(&listener, patience);
        server = server.listen(listener).map_err(ShellError::Start)?;
    }
    Ok(server.run())
}

/// Whether a request may be a group's, as the route table knows: then its handlers are looked through.
fn may_be_of(context: &GuardContext<'_>, group: &str) -> bool {
    RequestState::route_of(context).is_none_or(|route| route.group == Some(group))
}

/// Connections that are accepted from the socket are cut when the client takes nothing for so long.
#[cfg(target_os = "linux")]
fn give_up_on_who_does_not_read(listener: &TcpListener, patience: Duration) {
    if let Err(error) = SockRef::from(listener).set_tcp_user_timeout(Some(patience)) {
        tracing::warn!(%error, "clients that read nothing keep their connection");
    }
}

/// Elsewhere the system decides how long it waits.
#[cfg(not(target_os = "linux"))]
fn give_up_on_who_does_not_read(_: &TcpListener, _: Duration) {}

/// Serves how the process is on a listener, and nothing else.
pub(crate) fn start_status(shared: Arc<Shared>, listener: TcpListener) -> Result<RunningServer, ShellError> {
    let mut running = RunningServer {
        addrs: addresses(std::slice::from_ref(&listener))?,
        metrics_addr: None,
        internal_addr: None,
        handles: Vec::new(),
        ended: Vec::new(),
        traffic: shared.traffic.clone(),
        patience: Duration::from_secs(LAST_WORDS),
    };
    running.run(&shared, small_server(&shared, listener, system::status)?);
    Ok(running)
}

/// One small worker that answers `/metrics` and nothing else.
fn metrics_server(shared: &Arc<Shared>, listener: TcpListener) -> Result<actix_web::dev::Server, ShellError> {
    small_server(shared, listener, |config| {
        config.service(system::metrics);
    })
}

/// One worker with these routes.
fn small_server(
    shared: &Arc<Shared>,
    listener: TcpListener,
    routes: fn(&mut ServiceConfig),
) -> Result<actix_web::dev::Server, ShellError> {
    let for_worker = shared.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::from(for_worker.clone()))
            .configure(routes)
            .default_service(web::to(|| async { Err::<&str, _>(Failure::not_found()) }))
    })
    .workers(1)
    .disable_signals()
    .tcp_nodelay(true)
    .client_request_timeout(Duration::from_secs(5))
    .shutdown_timeout(LAST_WORDS)
    .listen(listener)
    .map_err(ShellError::Start)?;
    Ok(server.run())
}
