use super::prey::Prey;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

const MIB: u64 = 1024 * 1024;
/// How many the test wants; a machine that allows fewer open files gets fewer.
const WANTED: usize = 10_000;

#[tokio::test]
async fn ten_thousand_idle_sockets_cost_little_and_are_closed() {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let size = WANTED.min(usize::try_from(limit).unwrap_or(WANTED).saturating_sub(500));
    // Long enough that all are open at once.
    let prey = Prey::start_with(&[
        ("WEALTHOS__HTTP__HEADER_TIMEOUT_SECONDS", "30"),
        ("WEALTHOS__HTTP__KEEP_ALIVE_SECONDS", "30"),
    ])
    .await;
    let before = (prey.memory(), prey.sockets());
    let started = Instant::now();
    let mut open = Vec::with_capacity(size);
    while open.len() < size {
        open.push(TcpStream::connect(prey.address()).await.unwrap());
    }
    let end = Instant::now() + Duration::from_secs(30);
    while prey.sockets() < before.1 + size * 9 / 10 {
        assert!(
            Instant::now() < end,
            "only {} of {size} connections were accepted",
            prey.sockets() - before.1
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let grown = prey.memory().saturating_sub(before.0);
    println!(
        "{size} idle sockets after {:?}: {} MiB more, {} bytes each",
        started.elapsed(),
        grown / MIB,
        grown / size as u64
    );
    assert!(grown < 200 * MIB, "{size} idle sockets took {} MiB", grown / MIB);
    let end = Instant::now() + Duration::from_secs(90);
    while prey.sockets() > before.1 + 10 {
        assert!(
            Instant::now() < end,
            "{} idle sockets are still open",
            prey.sockets() - before.1
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    drop(open);
    prey.went_on(&format!("{size} idle sockets")).await;
}

/// A process that may open few files keeps some for its own work: what comes beyond waits, and is served in its turn.
#[tokio::test]
async fn more_sockets_than_files_starve_nobody_for_long() {
    let prey = Prey::start_with(&[("WEALTHOS__HTTP__MAX_CONNECTIONS", "60")]).await;
    let mut open = Vec::new();
    for _ in 0..400 {
        open.push(TcpStream::connect(prey.address()).await.unwrap());
    }
    let began = Instant::now();
    let answer = prey.remote().get("/health", "").await;
    assert_eq!(answer.status, 200);
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "waited {:?} behind idle sockets",
        began.elapsed()
    );
    assert!(prey.sockets() < 60 * 64 + 100);
    drop(open);
}
