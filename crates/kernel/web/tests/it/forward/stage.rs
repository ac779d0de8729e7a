//! A site that forwards, and what stands behind it.

use crate::{
    fixture::{Site, settings, site_of},
    group::{Gate, mount},
};
use kernel::{GroupInfo, Tasks};
use rpc::{EndpointMetrics, Endpoints};
use runtime::Settings;
use std::{
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use web::{ForwardTable, Where};

/// A group of which nothing is known but its name and prefix.
pub static FAR: GroupInfo = GroupInfo {
    name: "far",
    prefixes: &["/far"],
    ..crate::group::INFO
};

pub fn endpoints(addresses: &[SocketAddr]) -> Arc<Endpoints> {
    let urls = addresses.iter().map(|address| format!("http://{address}"));
    Arc::new(Endpoints::new("far", urls, &EndpointMetrics::default()).unwrap())
}

/// A site that has the demo group itself and forwards the far one to these addresses.
pub async fn edge(addresses: &[SocketAddr]) -> Site {
    edge_with(settings(), endpoints(addresses)).await
}

pub async fn edge_with(settings: Settings, endpoints: Arc<Endpoints>) -> Site {
    let table = Arc::new(ForwardTable::new(&[&FAR, &crate::group::INFO]));
    assert!(table.set("far", Where::At(endpoints)));
    let gate = Arc::new(Gate::default());
    site_of(settings, gate.clone(), vec![mount(gate)], table).await
}

/// Something that listens on a free port and does this with every connection.
pub async fn upstream<F, R>(serve: F) -> SocketAddr
where
    F: Fn(TcpStream) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tasks = Tasks::new();
    Tasks::new().spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tasks.spawn(serve(stream));
        }
    });
    address
}

/// An address on which nobody listens.
pub fn nobody() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Reads a request with its body, if its length is said; none when the other side has closed.
pub async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = Vec::new();
    loop {
        let so_far = String::from_utf8_lossy(&text).into_owned();
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return Some(so_far);
            }
        }
        if stream.read_buf(&mut text).await.ok()? == 0 {
            return None;
        }
    }
}

pub fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// What an upstream was asked.
pub type Asked = Arc<Mutex<Vec<String>>>;

/// Answers every request with this and remembers them.
pub async fn answering(answer: impl Into<String>) -> (SocketAddr, Asked) {
    let asked = Asked::default();
    let heard = asked.clone();
    let answer: Arc<str> = answer.into().into();
    let address = upstream(move |mut stream| {
        let (heard, answer) = (heard.clone(), answer.clone());
        async move {
            while let Some(request) = read_request(&mut stream).await {
                heard.lock().unwrap().push(request);
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    })
    .await;
    (address, asked)
}

/// Waits until it holds.
pub async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(60), wait).await.is_ok(),
        "{what}"
    );
}
