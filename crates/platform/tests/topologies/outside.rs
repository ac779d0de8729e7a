use kernel::Tasks;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The key that the outside platform knows.
pub(crate) const KEY: &str = "tw-0f8fad5b-d9cb-469f-a165-70867728950e";

/// Stands in for Triple Whale on a free port of this machine: it knows one key and answers 401 to every other.
pub(crate) struct KnowsOneKey;

impl KnowsOneKey {
    /// Starts it; answers the address of its API.
    pub(crate) async fn start<U: std::str::FromStr<Err: std::fmt::Debug>>(tasks: &Tasks) -> U {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/v2/", listener.local_addr().unwrap());
        let stopping = tasks.token();
        drop(tasks.spawn(async move {
            loop {
                tokio::select! {
                    () = stopping.cancelled() => return,
                    accepted = listener.accept() => answer(accepted.unwrap().0).await,
                }
            }
        }));
        url.parse().unwrap()
    }
}

/// Reads one request without a body and answers it. A client that goes away is no error.
async fn answer(mut stream: TcpStream) {
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part).await {
            Ok(read) if read > 0 => head.extend_from_slice(&part[..read]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head);
    let known = head.lines().any(|line| {
        line.split_once(':')
            .is_some_and(|(name, value)| name.eq_ignore_ascii_case("x-api-key") && value.trim() == KEY)
    });
    let (status, body) = if known {
        ("200 OK", r#"{"id":"key-1","scopes":["summary-page:read"]}"#)
    } else {
        ("401 Unauthorized", r#"{"message":"Unauthorized"}"#)
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}
