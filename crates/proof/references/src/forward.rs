//! A bare forwarder on the libraries that ours stands on, actix-web and hyper: what they cost, without routes, ids, seals,
//! limits, metrics, time limits and second attempts. It forwards requests without a body.

use crate::error::Error;
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    body::SizedStream,
    http::{StatusCode, header::HeaderName, header::HeaderValue},
    rt,
    web::{self, Bytes, Data},
};
use futures::StreamExt;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, body::Body, client::conn::http1};
use hyper_util::rt::TokioIo;
use std::{cell::RefCell, net::SocketAddr};
use tokio::net::TcpStream;

/// How it is served.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[arg(long)]
    port: u16,
    /// Where to.
    #[arg(long)]
    to: SocketAddr,
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

type Sender = http1::SendRequest<Empty<Bytes>>;

thread_local! {
    /// The connections of this worker that wait for their next request.
    static IDLE: RefCell<Vec<Sender>> = const { RefCell::new(Vec::new()) };
}

/// Serves until the process is stopped.
pub(crate) fn serve(options: &Options) -> Result<(), Error> {
    let to = Data::new(options.to);
    let app = move || App::new().app_data(to.clone()).default_service(web::to(forward));
    let server = HttpServer::new(app)
        .workers(options.workers)
        .tcp_nodelay(true)
        .bind(("127.0.0.1", options.port))?;
    Ok(actix_web::rt::System::new().block_on(server.run())?)
}

async fn forward(request: HttpRequest, to: Data<SocketAddr>) -> Result<HttpResponse, Error> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut outgoing = Request::builder().uri(path).header("host", to.to_string());
    for (name, value) in request.headers() {
        if !matches!(name.as_str(), "host" | "connection") {
            outgoing = outgoing.header(name.as_str(), value.as_bytes());
        }
    }
    let outgoing = outgoing.body(Empty::new()).map_err(|_| Error::Forward)?;
    let mut sender = connection(**to).await?;
    let answer = sender.send_request(outgoing).await.map_err(|_| Error::Forward)?;
    let (parts, body) = answer.into_parts();
    let status = StatusCode::from_u16(parts.status.as_u16()).map_err(|_| Error::Forward)?;
    let mut response = HttpResponse::build(status);
    for (name, value) in &parts.headers {
        let named = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (named, HeaderValue::from_bytes(value.as_bytes()))
            && !matches!(
                name.as_str(),
                "content-length" | "transfer-encoding" | "connection"
            )
        {
            response.append_header((name, value));
        }
    }
    let size = body.size_hint().exact().ok_or(Error::Forward)?;
    let mut held = Some(sender);
    let data = body.into_data_stream().chain(futures::stream::poll_fn(move |_| {
        // The answer has been read to its end.
        if let Some(sender) = held.take() {
            IDLE.with_borrow_mut(|idle| idle.push(sender));
        }
        std::task::Poll::Ready(None)
    }));
    Ok(response.body(SizedStream::new(size, Box::pin(data))))
}

/// One that is unused, or a new one.
async fn connection(to: SocketAddr) -> Result<Sender, Error> {
    let unused = IDLE.with_borrow_mut(|idle| {
        let place = idle.iter().rposition(http1::SendRequest::is_ready)?;
        Some(idle.swap_remove(place))
    });
    if let Some(sender) = unused {
        return Ok(sender);
    }
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Error::Forward)?;
    drop(rt::spawn(connection));
    Ok(sender)
}
