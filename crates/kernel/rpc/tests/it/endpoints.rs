//! The addresses of a group: who takes the next request, who is out and who comes back.

use rpc::{Condition, EndpointMetrics, Endpoints, Probe, ReadyProbe};
use std::{collections::HashMap, sync::Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const A: &str = "http://a.test:1";
const B: &str = "http://b.test:2";
const C: &str = "https://c.test";

fn endpoints(urls: &[&str]) -> Endpoints {
    Endpoints::new("finance", urls, &EndpointMetrics::default()).unwrap()
}

fn turns(endpoints: &Endpoints, count: usize) -> Vec<String> {
    (0..count)
        .map(|_| endpoints.pick().unwrap().url().to_owned())
        .collect()
}

fn fail(endpoints: &Endpoints, url: &str) {
    loop {
        let endpoint = endpoints.pick().unwrap();
        if endpoint.url() == url {
            return endpoint.failed();
        }
    }
}

#[test]
fn healthy_addresses_take_turns() {
    let endpoints = endpoints(&[A, B, C]);
    assert_eq!(turns(&endpoints, 6), [A, B, C, A, B, C]);
}

#[test]
fn one_that_failed_is_out_at_once_and_the_others_share_evenly() {
    let endpoints = endpoints(&[A, B, C]);
    fail(&endpoints, B);
    let turns = turns(&endpoints, 10);
    assert_eq!(turns.iter().filter(|url| *url == A).count(), 5, "{turns:?}");
    assert_eq!(turns.iter().filter(|url| *url == C).count(), 5, "{turns:?}");
    assert!(endpoints.any_healthy());
}

#[test]
fn while_none_is_healthy_all_are_tried() {
    let endpoints = endpoints(&[A, B]);
    fail(&endpoints, A);
    fail(&endpoints, B);
    assert!(!endpoints.any_healthy());
    let mut tried = turns(&endpoints, 2);
    tried.sort_unstable();
    assert_eq!(tried, [A, B]);
    let picked = endpoints.pick().unwrap();
    picked.answered();
    assert_eq!(turns(&endpoints, 2), [picked.url(), picked.url()]);
}

#[test]
fn a_second_attempt_goes_elsewhere() {
    let both = endpoints(&[A, B]);
    let first = both.pick().unwrap();
    assert_ne!(both.pick_other(&first).unwrap().url(), first.url());
    let only = endpoints(&[A]);
    assert!(only.pick_other(&only.pick().unwrap()).is_none());
    assert!(endpoints(&[]).pick().is_none());
}

#[test]
fn addresses_that_stay_keep_their_condition() {
    let endpoints = endpoints(&[A, B]);
    fail(&endpoints, A);
    endpoints.replace([C, A, A]).unwrap();
    assert_eq!(endpoints.all(), [(C.to_owned(), true), (A.to_owned(), false)]);
    assert!(endpoints.replace(["nonsense"]).is_err());
    assert_eq!(endpoints.all().len(), 2, "a refused list changes nothing");
}

#[test]
fn addresses_are_checked_and_the_message_says_what_is_wrong() {
    for (address, problem) in [
        ("finance:8010", "neither http nor https"),
        ("8010", "no URL"),
        ("http://", "no URL"),
        ("ftp://finance:21", "neither http nor https"),
        ("http://finance:8010/api", "after the port"),
        ("http://finance:8010/?a=b", "after the port"),
        ("http://finance:0", "port 0"),
        ("http://me:secret@finance:8010", "user name or a password"),
    ] {
        let metrics = EndpointMetrics::default();
        let error = Endpoints::new("finance", [address], &metrics)
            .unwrap_err()
            .to_string();
        assert!(error.contains(problem), "{error}");
        assert!(error.contains("'finance'"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
    let endpoints = endpoints(&[" http://Finance:8010/ ", "http://finance:8010", "http://[::1]:80"]);
    let urls: Vec<_> = endpoints.all().into_iter().map(|(url, _)| url).collect();
    assert_eq!(urls, ["http://finance:8010", "http://[::1]"]);
}

#[derive(Default)]
struct Found(Mutex<HashMap<String, Condition>>);

#[async_trait::async_trait]
impl Probe for Found {
    async fn probe(&self, url: &str) -> Condition {
        *self.0.lock().unwrap().get(url).unwrap_or(&Condition::Healthy)
    }
}

#[tokio::test]
async fn a_probe_takes_out_and_brings_back() {
    let endpoints = endpoints(&[A, B]);
    let found = Found::default();
    found.0.lock().unwrap().insert(A.to_owned(), Condition::NotReady);
    endpoints.probe_once(&found).await;
    assert_eq!(turns(&endpoints, 2), [B, B]);

    fail(&endpoints, B);
    let draining = loop {
        let picked = endpoints.pick().unwrap();
        if picked.url() == A {
            break picked;
        }
    };
    draining.answered();
    assert!(
        !draining.is_healthy(),
        "an answer in flight does not call back who is leaving"
    );

    found.0.lock().unwrap().clear();
    endpoints.probe_once(&found).await;
    assert_eq!(endpoints.all(), [(A.to_owned(), true), (B.to_owned(), true)]);
}

#[test]
fn the_gauge_counts_the_healthy_ones() {
    let mut registry = prometheus_client::registry::Registry::default();
    let metrics = EndpointMetrics::register(&mut registry);
    let endpoints = Endpoints::new("finance", [A, B], &metrics).unwrap();
    let shown = |count: i64| {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        let line = format!("endpoints_healthy{{group=\"finance\"}} {count}\n");
        assert!(text.contains(&line), "{text}");
    };
    shown(2);
    fail(&endpoints, A);
    shown(1);
    endpoints.replace([A, B, C]).unwrap();
    shown(2);
    endpoints.replace([A]).unwrap();
    shown(0);
}

/// Answers one request with this, or never.
async fn answering(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let Some(answer) = answer else {
        // Accepted by the system's backlog, never read: as a paused process does it.
        std::mem::forget(listener);
        return url;
    };
    kernel::Tasks::new().spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let read = stream.read(&mut request).await.unwrap();
        assert!(request[..read].starts_with(b"GET /ready HTTP/1.1\r\n"));
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    url
}

#[tokio::test]
async fn ready_not_ready_gone_and_paused_are_told_apart() {
    let probe = ReadyProbe::new(runtime::http::client().unwrap());
    let ready = answering(Some("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    assert_eq!(probe.probe(&ready).await, Condition::Healthy);
    assert_eq!(probe.probe(&ready).await, Condition::Unreachable, "it has gone");
    let draining = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(
        probe.probe(&answering(Some(draining)).await).await,
        Condition::NotReady
    );
    assert_eq!(probe.probe(&answering(None).await).await, Condition::Silent);
}

#[tokio::test]
async fn an_address_that_stays_silent_is_not_waited_for() {
    let endpoints = endpoints(&[A]);
    let found = Found::default();
    found.0.lock().unwrap().insert(A.to_owned(), Condition::Silent);
    let waiting = endpoints.pick().unwrap();
    endpoints.probe_once(&found).await;
    assert!(endpoints.pick().is_some(), "it may have been a busy moment");
    endpoints.probe_once(&found).await;
    waiting.silent().await;
    assert!(endpoints.pick().is_none());

    found.0.lock().unwrap().clear();
    endpoints.probe_once(&found).await;
    assert!(endpoints.pick().is_some_and(|one| one.is_healthy()));
}

#[tokio::test]
async fn one_that_keeps_failing_is_lost_after_a_moment_until_it_answers() {
    let endpoints = endpoints(&[A]);
    let endpoint = endpoints.pick().unwrap();
    assert!(!endpoint.is_lost());
    endpoint.failed();
    let begin = tokio::time::Instant::now();
    while !endpoint.is_lost() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        endpoint.failed();
    }
    assert!(
        begin.elapsed() > std::time::Duration::from_millis(900),
        "it may be being replaced"
    );
    endpoint.answered();
    assert!(!endpoint.is_lost());
    let begin = tokio::time::Instant::now();
    endpoint.failed();
    assert!(!endpoint.is_lost() || begin.elapsed() > std::time::Duration::from_millis(900));
}

/// Goes on being asked while the test changes what it finds.
#[derive(Clone, Default)]
struct Shared(std::sync::Arc<Found>);

#[async_trait::async_trait]
impl Probe for Shared {
    async fn probe(&self, url: &str) -> Condition {
        self.0.probe(url).await
    }
}

/// Waits until it has failed for so long that it is lost.
async fn lose(endpoint: &rpc::Endpoint) {
    while !endpoint.is_lost() {
        endpoint.failed();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn one_that_is_lost_is_not_asked_until_a_probe_finds_it() {
    let endpoints = std::sync::Arc::new(endpoints(&[A]));
    let endpoint = endpoints.pick().unwrap();
    let found = Shared::default();
    found
        .0
        .0
        .lock()
        .unwrap()
        .insert(A.to_owned(), Condition::Unreachable);
    let tasks = kernel::Tasks::new();
    endpoints.start_probing(&tasks, found.clone());
    assert!(endpoints.may_ask(&endpoint), "one failure is not the end");
    lose(&endpoint).await;
    for _ in 0..100 {
        assert!(!endpoints.may_ask(&endpoint), "it is asked though it is lost");
    }
    found.0.0.lock().unwrap().clear();
    while !endpoints.may_ask(&endpoint) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(endpoint.is_healthy());
    tasks.stop(std::time::Duration::from_secs(5)).await;
}

#[tokio::test]
async fn without_probes_a_request_now_and_then_finds_out() {
    let endpoints = endpoints(&[A]);
    let endpoint = endpoints.pick().unwrap();
    lose(&endpoint).await;
    let asked = (0..100).filter(|_| endpoints.may_ask(&endpoint)).count();
    assert!((1..20).contains(&asked), "{asked} of a hundred were sent");
    endpoint.answered();
    assert!(endpoints.may_ask(&endpoint) && endpoints.may_ask(&endpoint));
}

#[tokio::test]
async fn a_busy_moment_loses_nobody() {
    let endpoints = endpoints(&[A]);
    let endpoint = endpoints.pick().unwrap();
    let found = Found::default();
    found.0.lock().unwrap().insert(A.to_owned(), Condition::Silent);
    endpoints.probe_once(&found).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert!(!endpoint.is_healthy() && endpoints.may_ask(&endpoint));
}
