use super::request::Upload;
use actix_web::rt;
use http::{HeaderValue, Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http1},
};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use std::{
    cell::RefCell,
    collections::HashMap,
    fmt, io,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use url::Url;

/// The time that a connection may take.
const CONNECT: Duration = Duration::from_secs(3);
/// An unused connection is not used any more after this time: less than the time after which the other side closes it.
const IDLE: Duration = Duration::from_secs(8);
/// The most unused connections that a worker keeps for one address.
const KEPT: usize = 64;

/// The connections of one worker that wait for their next request, by address.
pub(super) struct Pool {
    idle: RefCell<HashMap<Arc<str>, Vec<Idle>>>,
    tls: RefCell<Option<TlsConnector>>,
}

struct Idle {
    sender: http1::SendRequest<Upload>,
    since: Instant,
}

/// A connection for one request. Handed back once the answer has been read to its end.
pub(super) struct Connection {
    sender: http1::SendRequest<Upload>,
    url: Arc<str>,
    reused: bool,
    pool: Rc<Pool>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("the address cannot be read")]
    Address,
    #[error("no connection within {} seconds", CONNECT.as_secs())]
    Slow,
    #[error("no connection")]
    Io(#[from] io::Error),
    #[error("no TLS")]
    Tls(#[from] runtime::http::ClientError),
    #[error("no HTTP on the connection")]
    Http(#[from] hyper::Error),
}

impl Pool {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self {
            idle: RefCell::default(),
            tls: RefCell::default(),
        })
    }

    /// A connection to an address: one that is unused, or a new one if there is none or `fresh` is asked for.
    pub(super) async fn connection(
        self: &Rc<Self>,
        url: &Arc<str>,
        fresh: bool,
    ) -> Result<Connection, ConnectError> {
        let idle = if fresh { None } else { self.unused(url) };
        let reused = idle.is_some();
        let sender = match idle {
            Some(sender) => sender,
            None => timeout(CONNECT, self.open(url))
                .await
                .unwrap_or(Err(ConnectError::Slow))?,
        };
        Ok(Connection {
            sender,
            url: url.clone(),
            reused,
            pool: self.clone(),
        })
    }

    fn unused(&self, url: &str) -> Option<http1::SendRequest<Upload>> {
        let mut idle = self.idle.borrow_mut();
        let waiting = idle.get_mut(url)?;
        let now = Instant::now();
        // The last one to come back is the least likely to be closed soon; those that nobody takes are swept.
        let place = waiting
            .iter()
            .rposition(|one| one.sender.is_ready() && now - one.since < IDLE)?;
        Some(waiting.swap_remove(place).sender)
    }

    fn take_back(&self, url: Arc<str>, sender: http1::SendRequest<Upload>) {
        let mut idle = self.idle.borrow_mut();
        let waiting = idle.entry(url).or_default();
        if waiting.len() >= KEPT {
            waiting.retain(|one| !one.sender.is_closed());
        }
        if waiting.len() < KEPT && !sender.is_closed() {
            waiting.push(Idle {
                sender,
                since: Instant::now(),
            });
        }
    }

    /// Closes what has waited too long, also at addresses that nobody asks for any more.
    pub(super) fn forget(&self) {
        self.idle.borrow_mut().retain(|_, waiting| {
            waiting.retain(|one| !one.sender.is_closed() && one.since.elapsed() < IDLE);
            !waiting.is_empty()
        });
    }

    async fn open(&self, url: &str) -> Result<http1::SendRequest<Upload>, ConnectError> {
        let url = Url::parse(url).map_err(|_| ConnectError::Address)?;
        let host = url.host_str().ok_or(ConnectError::Address)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = url.port_or_known_default().ok_or(ConnectError::Address)?;
        let stream = TcpStream::connect((host, port)).await?;
        stream.set_nodelay(true)?;
        // A machine that vanished without a word is noticed, also in the middle of an answer.
        let alive = TcpKeepalive::new()
            .with_time(Duration::from_secs(15))
            .with_interval(Duration::from_secs(5));
        SockRef::from(&stream).set_tcp_keepalive(&alive)?;
        if url.scheme() != "https" {
            return Ok(speak(stream).await?);
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|_| ConnectError::Address)?;
        let stream = self.tls()?.connect(name, stream).await?;
        Ok(speak(stream).await?)
    }

    fn tls(&self) -> Result<TlsConnector, ConnectError> {
        let mut tls = self.tls.borrow_mut();
        match &*tls {
            Some(connector) => Ok(connector.clone()),
            None => {
                let connector = TlsConnector::from(runtime::http::tls()?);
                Ok(tls.insert(connector).clone())
            }
        }
    }
}

/// Speaks HTTP on a connection. It lives on this worker and ends with it.
async fn speak<S>(stream: S) -> hyper::Result<http1::SendRequest<Upload>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    drop(rt::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "a connection to a group ended"
            );
        }
    }));
    Ok(sender)
}

impl Connection {
    /// Whether it has carried a request before: then it may have been closed in the meantime.
    pub(super) fn is_reused(&self) -> bool {
        self.reused
    }

    /// Sends a request; one that was not sent comes back with the error.
    pub(super) async fn send(
        &mut self,
        request: Request<Upload>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Upload>>> {
        self.sender.try_send_request(request).await
    }

    /// The answer has been read to its end.
    pub(super) fn give_back(self) {
        self.pool.take_back(self.url, self.sender);
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({}, reused: {})", self.url, self.reused)
    }
}

/// The value of `Host` for an address.
pub(super) fn host_of(url: &str) -> HeaderValue {
    let authority = url.split_once("://").map_or(url, |(_, authority)| authority);
    HeaderValue::from_str(authority).unwrap_or(HeaderValue::from_static("localhost"))
}
