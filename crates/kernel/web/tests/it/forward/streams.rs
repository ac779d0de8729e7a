//! Nothing is held up on its way, and nothing is heaped up.

use super::stage::{edge, edge_with, endpoints, ok, read_request, upstream};
use crate::fixture::{raw_until, settings};
use futures::StreamExt;
use reqwest::Body;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
    time::timeout,
};

const EVENTS: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const CHUNK: usize = 64 * 1024;

#[tokio::test]
async fn the_first_event_arrives_before_the_second_is_sent() {
    let seen = Arc::new(Notify::new());
    let wait = seen.clone();
    let group = upstream(move |mut stream| {
        let wait = wait.clone();
        async move {
            read_request(&mut stream).await.unwrap();
            stream.write_all(EVENTS.as_bytes()).await.unwrap();
            stream.write_all(b"9\r\ndata: 1\n\n\r\n").await.unwrap();
            wait.notified().await;
            stream.write_all(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n").await.unwrap();
        }
    })
    .await;
    let edge = edge(&[group]).await;
    let answer = edge.get("/far/events").send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut events = answer.bytes_stream();
    assert_eq!(events.next().await.unwrap().unwrap(), "data: 1\n\n");
    seen.notify_one();
    assert_eq!(events.next().await.unwrap().unwrap(), "data: 2\n\n");
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn an_event_stream_ends_when_the_process_stops() {
    let group = upstream(|mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(EVENTS.as_bytes()).await.unwrap();
        stream.write_all(b"9\r\ndata: 1\n\n\r\n").await.unwrap();
        // Held open until the forwarder leaves.
        let _ = stream.read(&mut [0; 16]).await;
    })
    .await;
    let edge = edge(&[group]).await;
    let mut events = edge.get("/far/events").send().await.unwrap().bytes_stream();
    assert!(events.next().await.is_some());
    let (finished, next) = tokio::join!(edge.server.stop(true), events.next());
    assert!(finished, "nothing is in flight any more");
    assert!(next.is_none());
}

#[tokio::test]
async fn a_download_goes_at_the_pace_of_the_client() {
    const CHUNKS: usize = 1600; // 100 MB
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    let group = upstream(move |mut stream| {
        let count = count.clone();
        async move {
            read_request(&mut stream).await.unwrap();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", CHUNK * CHUNKS);
            stream.write_all(head.as_bytes()).await.unwrap();
            for _ in 0..CHUNKS {
                stream.write_all(&[b'd'; CHUNK]).await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
    })
    .await;
    let edge = edge(&[group]).await;
    let answer = edge.get("/far/file").send().await.unwrap();
    let mut before = usize::MAX;
    while before != written.load(Ordering::SeqCst) {
        before = written.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(
        before * CHUNK < 40 << 20,
        "{before} chunks left while nobody read"
    );
    let mut body = answer.bytes_stream();
    let mut read = 0;
    while let Some(part) = body.next().await {
        read += part.unwrap().len();
    }
    assert_eq!(read, CHUNK * CHUNKS);
}

#[tokio::test]
async fn an_upload_goes_at_the_pace_of_the_group() {
    let go = Arc::new(Notify::new());
    let wait = go.clone();
    let group = upstream(move |mut stream| {
        let wait = wait.clone();
        async move {
            wait.notified().await;
            let mut read = Vec::with_capacity(CHUNK);
            let mut bytes = 0;
            while !read.ends_with(b"0\r\n\r\n") {
                let tail = read.len().saturating_sub(8);
                read.drain(..tail);
                bytes += stream.read_buf(&mut read).await.unwrap();
            }
            stream
                .write_all(ok(&format!("{}", bytes > 60 << 20)).as_bytes())
                .await
                .unwrap();
        }
    })
    .await;
    let edge = edge(&[group]).await;
    let mut client = TcpStream::connect(edge.address).await.unwrap();
    let head = "POST /far/file HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    let chunk = [format!("{CHUNK:x}\r\n").as_bytes(), &[b'u'; CHUNK], b"\r\n"].concat();
    let mut sent = 0;
    let mut part = 0;
    // Until the way is full.
    while let Ok(wrote) = timeout(Duration::from_secs(1), client.write(&chunk[part..])).await {
        part += wrote.unwrap();
        if part == chunk.len() {
            part = 0;
            sent += 1;
        }
        assert!(
            sent * CHUNK < 40 << 20,
            "{sent} chunks were taken while the group read nothing"
        );
    }
    go.notify_one();
    client.write_all(&chunk[part..]).await.unwrap();
    for _ in sent + 1..1000 {
        client.write_all(&chunk).await.unwrap();
    }
    client.write_all(b"0\r\n\r\n").await.unwrap();
    let mut answer = vec![0; 4096];
    let read = client.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test]
async fn a_body_of_unknown_length_arrives_whole() {
    let group = upstream(|mut stream| async move {
        let mut text = String::new();
        while !text.ends_with("0\r\n\r\n") {
            let mut part = [0; 1024];
            let read = stream.read(&mut part).await.unwrap();
            text.push_str(&String::from_utf8_lossy(&part[..read]));
        }
        assert!(text.contains("transfer-encoding: chunked\r\n"), "{text}");
        assert!(text.contains("first") && text.contains("second"), "{text}");
        stream.write_all(ok("done").as_bytes()).await.unwrap();
    })
    .await;
    let edge = edge(&[group]).await;
    let parts = futures::stream::iter(["first", "second"].map(Ok::<_, std::io::Error>));
    let answer = edge
        .post("/far/x")
        .body(Body::wrap_stream(parts))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.text().await.unwrap(), "done");
}

#[tokio::test]
async fn a_client_that_asks_first_is_told_to_continue() {
    let (group, asked) = super::stage::answering(ok("done")).await;
    let edge = edge(&[group]).await;
    let head = b"POST /far/x HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\nbody";
    let answer = raw_until(edge.address, head, Some("done")).await;
    assert!(
        answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"),
        "{answer}"
    );
    let asked = asked.lock().unwrap().join("");
    assert!(
        asked.ends_with("\r\n\r\nbody") && !asked.contains("expect"),
        "{asked}"
    );
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed_by_the_group() {
    let left = Arc::new(Notify::new());
    let tell = left.clone();
    let group = upstream(move |mut stream| {
        let tell = tell.clone();
        async move {
            read_request(&mut stream).await.unwrap();
            stream.write_all(EVENTS.as_bytes()).await.unwrap();
            while stream.write_all(b"9\r\ndata: 1\n\n\r\n").await.is_ok() {
                tokio::task::yield_now().await;
            }
            tell.notify_one();
        }
    })
    .await;
    let edge = edge_with(settings(), endpoints(&[group])).await;
    let mut events = edge.get("/far/x").send().await.unwrap().bytes_stream();
    assert!(events.next().await.unwrap().is_ok());
    drop(events);
    timeout(Duration::from_secs(20), left.notified()).await.unwrap();
}
