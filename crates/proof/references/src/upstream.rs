//! What is forwarded to, by ours and by nginx: it answers every path in the way that the query asks for.

use crate::error::Error;
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::{StatusCode, header},
    web::{self, Bytes, Payload, Query},
};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use std::{convert::Infallible, time::Duration};

/// How it is served.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[arg(long)]
    port: u16,
    #[arg(long, default_value_t = 1)]
    workers: usize,
}

#[derive(Debug, Deserialize)]
struct Wanted {
    /// The size of the answer.
    #[serde(default)]
    bytes: usize,
    /// Server-sent events: one at once, then one every so many milliseconds.
    sse: Option<u64>,
}

/// Serves until the process is stopped.
pub(crate) fn serve(options: &Options) -> Result<(), Error> {
    let app = || {
        App::new()
            .route("/ready", web::get().to(HttpResponse::Ok))
            .default_service(web::to(answer))
    };
    let server = HttpServer::new(app)
        .workers(options.workers)
        .tcp_nodelay(true)
        .bind(("127.0.0.1", options.port))?;
    Ok(actix_web::rt::System::new().block_on(server.run())?)
}

async fn answer(request: HttpRequest, wanted: Query<Wanted>, payload: Payload) -> HttpResponse {
    if let Some(key) = request.headers().get("sec-websocket-key") {
        return websocket(key.as_bytes(), payload);
    }
    if let Some(pause) = wanted.sse {
        return HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/event-stream"))
            .streaming(events(Duration::from_millis(pause)));
    }
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(filler(wanted.bytes))
}

/// So many bytes, made once for each thread and size.
fn filler(bytes: usize) -> Bytes {
    thread_local! {
        static LAST: std::cell::RefCell<Bytes> = const { std::cell::RefCell::new(Bytes::new()) };
    }
    LAST.with_borrow_mut(|last| {
        if last.len() != bytes {
            *last = vec![b'7'; bytes].into();
        }
        last.clone()
    })
}

fn events(pause: Duration) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(0_u64, move |number| async move {
        if number > 0 {
            tokio::time::sleep(pause).await;
        }
        let event = format!("id: {number}\ndata: {{\"number\": {number}}}\n\n");
        Some((Ok(event.into()), number + 1))
    })
}

/// A greeting as soon as the socket is open, and a frame for whatever comes.
fn websocket(key: &[u8], payload: Payload) -> HttpResponse {
    const GREETING: &[u8] = b"\x81\x05hello";
    const REPLY: &[u8] = b"\x81\x04tick";
    const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    let accept = STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &[key, MAGIC].concat()));
    let replies = payload.map(|chunk| chunk.map(|_| Bytes::from_static(REPLY)));
    HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS)
        .upgrade("websocket")
        .insert_header(("sec-websocket-accept", accept))
        .streaming(stream::iter([Ok(Bytes::from_static(GREETING))]).chain(replies))
}
