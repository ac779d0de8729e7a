//! Another process: a small HTTP server that speaks the seam, or whatever it is told to say instead.

use bytes::Bytes;
use futures::{StreamExt, future::BoxFuture, stream::BoxStream};
use kernel::{CallContext, Deadline, ErrorKind, IdempotencyKey, Principal, Tasks};
use parking_lot::Mutex;
use rpc::{Dispatch, IncomingCall, Reply};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::AbortHandle,
};

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What is said to it.
pub(crate) enum Said {
    /// A whole answer.
    Whole {
        status: u16,
        rpc: Option<&'static str>,
        body: Bytes,
    },
    /// A stream, chunk by chunk; without an end the connection is closed in the middle.
    Stream(BoxStream<'static, Bytes>),
    /// These bytes, and then the connection is closed.
    Raw(String),
    /// Nothing.
    Silence,
}

impl Said {
    pub(crate) fn answer(json: &str) -> Self {
        Self::whole(200, Some("answer"), json)
    }

    pub(crate) fn whole(status: u16, rpc: Option<&'static str>, body: &str) -> Self {
        Said::Whole {
            status,
            rpc,
            body: Bytes::from(body.to_owned()),
        }
    }
}

type Handler = Arc<dyn Fn(Request) -> BoxFuture<'static, Said> + Send + Sync>;

/// The other process.
pub(crate) struct Far {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Request>>>,
    running: Arc<Mutex<Vec<AbortHandle>>>,
}

impl Far {
    /// Answers as the contract does.
    pub(crate) async fn serving(dispatch: Arc<dyn Dispatch>) -> Self {
        Self::new(Arc::new(move |request| {
            let dispatch = dispatch.clone();
            Box::pin(async move { answer(&*dispatch, request).await })
        }))
        .await
    }

    /// Says what `say` does to the first request, the second …, counted from 1.
    pub(crate) async fn saying(say: impl Fn(usize) -> Said + Send + Sync + 'static) -> Self {
        let count = std::sync::atomic::AtomicUsize::new(0);
        Self::new(Arc::new(move |_| {
            let nth = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
            let said = say(nth);
            Box::pin(async move { said })
        }))
        .await
    }

    async fn new(handler: Handler) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let running = Arc::new(Mutex::new(Vec::new()));
        let (heard, connections) = (seen.clone(), running.clone());
        let accepting = Tasks::new().spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let connection = converse(socket, handler.clone(), heard.clone());
                connections
                    .lock()
                    .push(Tasks::new().spawn(connection).abort_handle());
            }
        });
        running.lock().push(accepting.abort_handle());
        Self { url, seen, running }
    }

    /// What it was asked.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().clone()
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.seen.lock().len()
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) fn kill(&self) {
        for task in self.running.lock().drain(..) {
            task.abort();
        }
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn converse(socket: TcpStream, handler: Handler, seen: Arc<Mutex<Vec<Request>>>) {
    socket.set_nodelay(true).unwrap();
    let (reader, mut writer) = socket.into_split();
    let mut reader = BufReader::new(reader);
    while let Some(request) = read(&mut reader).await {
        seen.lock().push(request.clone());
        let said = tokio::select! {
            said = handler(request) => said,
            _ = reader.fill_buf() => return,
        };
        if !say(said, &mut reader, &mut writer).await {
            return;
        }
    }
}

async fn read(reader: &mut BufReader<OwnedReadHalf>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).await.ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = HashMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).await.ok()?;
    Some(Request { path, headers, body })
}

/// Whether the connection stays open.
async fn say(said: Said, reader: &mut BufReader<OwnedReadHalf>, writer: &mut OwnedWriteHalf) -> bool {
    match said {
        Said::Whole { status, rpc, body } => {
            let rpc = rpc.map_or(String::new(), |form| format!("x-rpc: {form}\r\n"));
            let head = format!(
                "HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n{rpc}\r\n",
                body.len()
            );
            let bytes = [head.as_bytes(), &body].concat();
            writer.write_all(&bytes).await.is_ok()
        }
        Said::Raw(text) => {
            let _ = writer.write_all(text.as_bytes()).await;
            false
        }
        Said::Silence => {
            let _ = reader.fill_buf().await;
            false
        }
        Said::Stream(mut lines) => {
            let head = "HTTP/1.1 200 OK\r\nx-rpc: stream\r\ncontent-type: application/x-ndjson\r\n\
                        transfer-encoding: chunked\r\n\r\n";
            writer.write_all(head.as_bytes()).await.unwrap();
            loop {
                let next = tokio::select! {
                    next = lines.next() => next,
                    _ = reader.fill_buf() => return false,
                };
                let Some(line) = next else {
                    return writer.write_all(b"0\r\n\r\n").await.is_ok();
                };
                let size = format!("{:x}\r\n", line.len());
                let chunk = [size.as_bytes(), &line, b"\r\n"].concat();
                if writer.write_all(&chunk).await.is_err() {
                    return false;
                }
            }
        }
    }
}

async fn answer(dispatch: &dyn Dispatch, request: Request) -> Said {
    let name = request.path.trim_start_matches("/rpc/").replace('/', ".");
    let Some(method) = name.strip_prefix(dispatch.contract()) else {
        return Said::whole(404, None, "{}");
    };
    let number = |name: &str| request.header(name).parse().unwrap();
    let mut cx = CallContext::at_edge(
        Principal::Anonymous,
        request.header("x-request-id").parse().unwrap(),
        kernel::TraceContext::parse(request.header("traceparent")),
    )
    .with_deadline(Deadline::within(Duration::from_millis(number("x-deadline-ms"))));
    cx.depth = u8::try_from(number("x-call-depth")).unwrap();
    let key = request.headers.get("idempotency-key");
    let call = IncomingCall {
        method: method.trim_start_matches('.').to_owned(),
        key: key.map(|key| IdempotencyKey::parse(key).unwrap()),
        arguments: request.body.into(),
    };
    match dispatch.dispatch(cx, call).await {
        Reply::Answer(body) => Said::Whole {
            status: 200,
            rpc: Some("answer"),
            body,
        },
        Reply::Error { kind, error } => Said::Whole {
            status: match kind {
                ErrorKind::Unavailable => 503,
                ErrorKind::NotFound => 404,
                _ => 500,
            },
            rpc: Some("error"),
            body: error,
        },
        Reply::Stream(lines) => Said::Stream(lines),
    }
}
