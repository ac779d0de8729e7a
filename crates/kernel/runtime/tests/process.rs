//! The process: signals, exit codes, outgoing clients.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use runtime::lifecycle::{ExitStatus, shutdown_signal};
use std::{process::Command, time::Duration};

#[tokio::test]
async fn a_signal_begins_the_stop() {
    for signal in ["-TERM", "-INT"] {
        let mut stop = Box::pin(shutdown_signal());
        // The first poll starts to listen; without it the signal would end the test.
        assert!(is_pending(&mut stop).await);
        let sent = Command::new("kill")
            .args([signal, &std::process::id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        tokio::time::timeout(Duration::from_secs(10), stop).await.unwrap();
    }
}

async fn is_pending(future: &mut std::pin::Pin<Box<impl Future<Output = ()>>>) -> bool {
    tokio::time::timeout(Duration::ZERO, future).await.is_err()
}

#[test]
fn exit_codes_keep_their_meaning() {
    let codes = [
        (ExitStatus::Success, 0),
        (ExitStatus::Failure, 1),
        (ExitStatus::Usage, 2),
        (ExitStatus::Unavailable, 69),
        (ExitStatus::Permission, 77),
        (ExitStatus::Configuration, 78),
    ];
    for (status, code) in codes {
        assert_eq!(status.code(), code);
    }
}

#[tokio::test]
async fn a_client_can_be_made_twice_and_follows_no_redirect() {
    runtime::http::client().unwrap();
    let client = runtime::http::client().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = kernel::Tasks::new().spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        let answer = b"HTTP/1.1 302 Found\r\nLocation: http://203.0.113.1/\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    });
    assert_eq!(
        client
            .get(format!("http://{address}/"))
            .send()
            .await
            .unwrap()
            .status(),
        302
    );
    serving.await.unwrap();
}
