//! `wealthctl consume` in a process of its own, and what it says of itself.

use crate::process::{Home, Remote};
use serde_json::json;
use std::{path::Path, process::Stdio, time::Duration};
use testkit::BrokerServer;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
    time::Instant,
};

const PATIENCE: Duration = Duration::from_secs(120);

/// A broker that does not run yet, with its data at home.
pub(crate) fn broker(kind: &'static str, home: &Home) -> BrokerServer {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/broker-for-tests");
    BrokerServer::new(kind, &script, home.place()).unwrap()
}

/// The status address that a consumer prints, once it does.
async fn status_of(process: &mut Child) -> String {
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap().expect("the consumer ended");
        if let Some((_, address)) = line.split_once("/metrics, /ready and /health on ") {
            return address.to_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_says_how_it_is_and_nothing_else() {
    let home = Home::sqlite();
    let mut redis = broker("redis", &home);
    let mut command = home.command("wealthctl");
    command
        .env("REDIS_URL", format!("redis://127.0.0.1:{}/", redis.port()))
        .stderr(Stdio::null())
        .args(["consume", "redis", "--status-port", "0"]);
    let mut process = command.spawn().unwrap();
    let api = Remote::at(&status_of(&mut process).await);
    // Nobody is there yet.
    let early = api.get("/ready", "").await;
    assert_eq!(early.status, 503, "{}", early.body);
    assert_eq!(
        early.body["details"][0]["field"], "redis channel",
        "{}",
        early.body
    );
    redis.start().unwrap();
    let end = Instant::now() + PATIENCE;
    let ready = loop {
        let ready = api.get("/ready", "").await;
        if ready.status == 200 && ready.body["degraded"] == json!([]) {
            break ready;
        }
        assert!(Instant::now() < end, "not ready: {}", ready.body);
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(ready.body["status"], "ready");
    assert_eq!(api.get("/health", "").await.status, 200);
    let metrics = api.get("/metrics", "").await.body.to_string();
    assert!(
        metrics.contains("bridge_connected{broker=\\\"redis\\\",way=\\\"in\\\"} 1"),
        "{metrics}"
    );
    for path in [
        "/",
        "/docs/",
        "/openapi.json",
        "/api/v1/transactions",
        "/rpc/finance/contract",
        "/create_transaction",
    ] {
        assert_eq!(api.get(path, "").await.status, 404, "{path}");
    }
    // A broker that goes away is missed, and comes back.
    redis.kill();
    let lost = loop {
        let lost = api.get("/ready", "").await;
        if lost.body["degraded"] != json!([]) {
            break lost;
        }
        assert!(Instant::now() < end, "nothing is missed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(lost.status, 200, "{}", lost.body);
    let id = process.id().unwrap().to_string();
    std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .unwrap();
    assert!(process.wait().await.unwrap().success());
}
