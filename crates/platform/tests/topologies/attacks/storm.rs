//! Many log-ins at once: everybody else is answered as before, and who does not fit into the queue is told when to come
//! back.

use super::{
    smuggling::GUARDED,
    target::{Target, access, answer},
};
use crate::{deployment::ADMIN, world::PASSWORD};
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use testkit::Reply;

/// As many as wait for their turn at most, and how many do not fit any more.
const STORM: usize = 64;
const FLOOD: usize = 192;
/// What a request to another route may take beside it. Hashing 64 passwords takes seconds: a route that waited for them
/// would take as long.
const UNDISTURBED: Duration = Duration::from_millis(750);

/// How long reads of every group take until `until` is over.
async fn reads_beside<T>(target: &Target, token: &str, until: impl Future<Output = T>) -> (T, Vec<Duration>) {
    let (done, over) = tokio::sync::watch::channel(false);
    let storm = async {
        let what = until.await;
        done.send_replace(true);
        what
    };
    let reading = async {
        let mut times = Vec::new();
        while !*over.borrow() {
            for (_, path) in GUARDED {
                let begin = Instant::now();
                let seen = target.get(path, token).await;
                times.push(begin.elapsed());
                assert_eq!(seen.status, 200, "{path}: {}", seen.text);
            }
        }
        times
    };
    tokio::join!(storm, reading)
}

async fn log_ins(target: &Target, count: usize, password: &str) -> Vec<Reply> {
    let proof = json!({ "email": ADMIN, "password": password });
    let log_in = |_| answer(target.request(Method::POST, "/api/auth/login", "").json(&proof));
    join_all((0..count).map(log_in)).await
}

fn worst(mut times: Vec<Duration>) -> (Duration, Duration, usize) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    (at(50), at(99), times.len())
}

#[allow(clippy::print_stdout, reason = "figures for whoever runs it by hand")]
pub(super) async fn attack(target: &Target) {
    let admin = target.admin().await;
    let begin = Instant::now();
    let (storm, times) = reads_beside(target, access(&admin), log_ins(target, STORM, PASSWORD)).await;
    let took = begin.elapsed();
    let (median, p99, count) = worst(times);
    println!("{STORM} log-ins in {took:?}; {count} reads beside them: median {median:?}, p99 {p99:?}");
    for login in &storm {
        assert_eq!(login.status, 200, "{}", login.text);
    }
    assert!(
        p99 < UNDISTURBED,
        "reads beside {STORM} log-ins: p99 {p99:?} of {count}"
    );

    let begin = Instant::now();
    let (flood, times) = reads_beside(target, access(&admin), log_ins(target, FLOOD, PASSWORD)).await;
    let took = begin.elapsed();
    let (median, p99, count) = worst(times);
    let turned_away = flood.iter().filter(|login| login.status != 200).count();
    println!(
        "{FLOOD} log-ins in {took:?}, {turned_away} turned away; {count} reads beside them: median {median:?}, p99 {p99:?}"
    );
    for login in flood.iter().filter(|login| login.status != 200) {
        assert_eq!(login.status, 503, "{}", login.text);
        let seconds = login
            .header("retry-after")
            .and_then(|text| text.parse::<u32>().ok());
        assert!(seconds.is_some_and(|seconds| seconds > 0), "{:?}", login.headers);
    }
    assert!(turned_away > 0, "the queue has no end");
    assert!(turned_away < FLOOD, "nobody got in");
    assert!(
        p99 < UNDISTURBED,
        "reads beside {FLOOD} log-ins: p99 {p99:?} of {count}"
    );
    assert_eq!(
        log_ins(target, 1, PASSWORD).await[0].status,
        200,
        "and then it is over"
    );
}
