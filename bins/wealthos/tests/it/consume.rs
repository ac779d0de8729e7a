//! `wealthctl consume` in a process of its own, which is killed and started again under a stream of messages.

use crate::process::{Home, Monolith, Remote};
use redis::{Client, RedisResult, aio::MultiplexedConnection};
use serde_json::json;
use std::{
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child as Broker, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
    time::Instant,
};

const PATIENCE: Duration = Duration::from_secs(120);
const MESSAGES: u32 = 60;

fn start_redis(place: &Path, port: u16) -> Broker {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/broker-for-tests");
    std::process::Command::new(script)
        .args(["redis", &port.to_string()])
        .arg(place.join("redis"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap()
}

async fn connected(port: u16) -> MultiplexedConnection {
    let client = Client::open(format!("redis://127.0.0.1:{port}/")).unwrap();
    let end = Instant::now() + PATIENCE;
    loop {
        if let Ok(mut connection) = client.get_multiplexed_async_connection().await {
            let pong: RedisResult<String> = redis::cmd("PING").query_async(&mut connection).await;
            if pong.is_ok() {
                return connection;
            }
        }
        assert!(Instant::now() < end, "Redis does not start");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn consumer(home: &Home, port: u16) -> Child {
    let mut command = home.command("wealthctl");
    command
        .env("REDIS_URL", format!("redis://127.0.0.1:{port}/"))
        .env("WEALTHOS__BRIDGES__REDIS__CLAIM_AFTER_SECONDS", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .args(["consume", "redis"]);
    command.spawn().unwrap()
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
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut command = home.command("wealthctl");
    command
        .env("REDIS_URL", format!("redis://127.0.0.1:{port}/"))
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
    let mut broker = start_redis(home.place(), port);
    drop(connected(port).await);
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
    end_group(&mut broker);
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

fn end_group(broker: &mut Broker) {
    let group = format!("-{}", broker.id());
    let _ = std::process::Command::new("kill")
        .args(["-9", "--", &group])
        .status();
    let _ = broker.wait();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_is_killed_loses_and_doubles_nothing() {
    let home = Home::sqlite();
    let monolith: Monolith = home.start().await;
    let api = monolith.remote();
    let (token, user) = api.newcomer("payer@example.com", "client").await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut broker = start_redis(home.place(), port);
    let mut connection = connected(port).await;

    let mut process = consumer(&home, port);
    for number in 1..=MESSAGES {
        let message = json!({
            "command": "create_transaction",
            "params": { "type": "expense", "amount": number, "user_id": user, "date": "2026-03-01" }
        });
        let fields = [("message", message.to_string())];
        let added: RedisResult<String> = redis::cmd("XADD")
            .arg("financial_commands")
            .arg("*")
            .arg(&fields)
            .query_async(&mut connection)
            .await;
        added.unwrap();
        if number % 15 == 0 {
            let reached = u64::from(number) / 2;
            posted(&api, &token, |count| count >= reached).await;
            process.kill().await.unwrap();
            process = consumer(&home, port);
        }
    }
    posted(&api, &token, |count| count >= u64::from(MESSAGES)).await;
    // Everything was acknowledged: nothing is left to come a second time.
    let end = Instant::now() + PATIENCE;
    loop {
        let open: redis::streams::StreamPendingReply = redis::cmd("XPENDING")
            .arg("financial_commands")
            .arg("wealthos")
            .query_async(&mut connection)
            .await
            .unwrap();
        if open.count() == 0 {
            break;
        }
        assert!(Instant::now() < end, "{} messages stay open", open.count());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let report = api.get("/api/v1/financial-report", &token).await;
    assert_eq!(report.body["transactions"], MESSAGES);
    let sum = MESSAGES * (MESSAGES + 1) / 2;
    assert_eq!(report.body["total_expenses"].to_string(), format!("{sum}.00"));
    process.kill().await.unwrap();
    end_group(&mut broker);
    monolith.kill().await;
}

/// Waits until the report counts that many transactions.
async fn posted(api: &Remote, token: &str, enough: impl Fn(u64) -> bool) {
    let end = Instant::now() + PATIENCE;
    loop {
        let report = api.get("/api/v1/financial-report", token).await;
        let count = report.body["transactions"].as_u64().unwrap_or_default();
        if enough(count) {
            return;
        }
        assert!(Instant::now() < end, "only {count} transactions: {}", report.body);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
