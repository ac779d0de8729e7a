//! Traces reach a collector.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use kernel::TraceContext;
use runtime::{Layers, telemetry};
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Takes one request and answers it; gives back what came.
async fn collect(listener: TcpListener) -> Vec<u8> {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut received = Vec::new();
    loop {
        assert_ne!(
            stream.read_buf(&mut received).await.unwrap(),
            0,
            "the exporter hung up"
        );
        let text = String::from_utf8_lossy(&received).to_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.split("content-length: ").nth(1).unwrap();
        let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
        if received.len() >= head.len() + 4 + length {
            break;
        }
    }
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    received
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_span_arrives_under_the_callers_trace() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let collector = kernel::Tasks::new().spawn(collect(listener));
    let environment = BTreeMap::from([("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint)]);
    let settings = Layers::new(environment).load().unwrap();
    assert!(
        telemetry::request_span("GET", "/", None).is_none(),
        "no span before traces are on"
    );

    let guard = telemetry::init(&settings).unwrap();
    let trace = TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
    let span = telemetry::request_span("GET", "/api/v1/clients/{id}", Some(trace)).unwrap();
    span.in_scope(|| tracing::info!("inside"));
    drop(span);
    drop(guard);

    let received = tokio::time::timeout(Duration::from_secs(20), collector)
        .await
        .unwrap()
        .unwrap();
    assert!(received.starts_with(b"POST /v1/traces HTTP/1.1\r\n"));
    let contains = |part: &[u8]| received.windows(part.len()).any(|window| window == part);
    assert!(contains(b"GET /api/v1/clients/{id}"));
    assert!(
        contains(&trace.trace_id.to_be_bytes()),
        "the caller's trace goes on"
    );
}
