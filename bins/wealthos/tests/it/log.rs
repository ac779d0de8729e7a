//! The log of a process.

use crate::process::{Home, Remote};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

/// Each of them is a log line of more than 200 bytes; a pipe holds 64 KiB.
const REQUESTS: usize = 1_000;

#[tokio::test]
async fn a_process_whose_log_nobody_reads_goes_on_serving() {
    let home = Home::sqlite();
    let mut command = home.command("monolith");
    command
        .args(["--port", "0", "--log-format", "json"])
        .env("METRICS_PORT", "0")
        .env("WEALTHOS__LOG__LEVEL", "info")
        .env("WEALTHOS__LIMITS__ENABLED", "false");
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut stderr = child.stderr.take().unwrap();
    let base = loop {
        let line = stdout.next_line().await.unwrap().expect("the monolith ended");
        if let Some(address) = line.trim().strip_prefix("address") {
            break address.trim().to_owned();
        }
    };
    let api = Remote::at(&base);
    let path = format!("/api/auth/me?{}", "x".repeat(100));
    let asking = async {
        for _ in 0..REQUESTS {
            assert_eq!(api.get(&path, "").await.status, 401);
        }
    };
    tokio::time::timeout(Duration::from_secs(120), asking)
        .await
        .expect("the process stands still because nobody reads its log");

    // Once somebody reads it is told how much is missing.
    let mut log = Vec::new();
    let mut piece = vec![0; 1 << 17];
    let end = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        assert!(
            tokio::time::Instant::now() < end,
            "the log does not tell of lost lines"
        );
        let length = stderr.read(&mut piece).await.unwrap();
        log.extend_from_slice(&piece[..length]);
        if String::from_utf8_lossy(&log).contains("log lines were lost") {
            break;
        }
        api.get(&path, "").await;
    }
    child.kill().await.unwrap();
}
