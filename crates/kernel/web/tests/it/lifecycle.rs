//! Starting and stopping.

use crate::fixture::{settings, site, site_with};
use std::time::Duration;
use web::Listeners;

#[tokio::test]
async fn a_graceful_stop_finishes_what_is_in_flight() {
    let site = site().await;
    let slow = site.get("/api/slow").send();
    let slow = site.tasks.spawn(slow);
    site.gate.entered.notified().await;
    // An idle connection must not hold the process up.
    let idle = tokio::net::TcpStream::connect(site.address).await.unwrap();
    let stopping = site.tasks.spawn(site.server.stop(true));
    assert!(!slow.is_finished());
    site.gate.open.notify_one();
    let answer = slow.await.unwrap().unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<String>().await.unwrap(), "done");
    let finished = tokio::time::timeout(Duration::from_secs(10), stopping)
        .await
        .unwrap()
        .unwrap();
    assert!(finished, "every request was finished");
    drop(idle);
    assert!(
        tokio::net::TcpStream::connect(site.address).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_the_process_for_ever() {
    let mut settings = settings();
    settings.server.stop_seconds = 1;
    let site = site_with(settings).await;
    let slow = site.tasks.spawn(site.get("/api/slow").send());
    site.gate.entered.notified().await;
    let stopped = tokio::time::timeout(Duration::from_secs(10), site.server.stop(true))
        .await
        .unwrap();
    assert!(!stopped);
    assert!(slow.await.unwrap().is_err());
}

#[tokio::test]
async fn a_stop_by_force_is_quick() {
    let site = site().await;
    site.get("/health").send().await.unwrap();
    tokio::time::timeout(Duration::from_secs(3), site.server.stop(false))
        .await
        .unwrap();
    assert!(tokio::net::TcpStream::connect(site.address).await.is_err());
}

#[tokio::test]
async fn a_port_in_use_is_one_clear_line() {
    let site = site().await;
    let mut settings = settings();
    settings.server.port = site.address.port();
    let message = Listeners::bind(&settings.server).unwrap_err().to_string();
    assert!(
        message.contains(&site.address.to_string()) && message.contains("--port"),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1);
    settings.server.host = "203.0.113.7".into();
    settings.server.port = 0;
    let message = Listeners::bind(&settings.server).unwrap_err().to_string();
    assert!(message.contains("--host"), "{message}");
}

#[tokio::test]
async fn two_shells_live_in_one_process_with_metrics_of_their_own() {
    let (one, other) = (site().await, site().await);
    one.get("/api/who").send().await.unwrap();
    let text = other.get("/metrics").send().await.unwrap().text().await.unwrap();
    assert!(!text.contains("/api/who"));
}
