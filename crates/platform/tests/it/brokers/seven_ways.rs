//! The same posting on every way in: the same ledger, the same metrics, the same events.

use super::{
    broker::Broker,
    kafka::{cluster, send},
    rabbitmq, redis as streams,
    scene::{Scene, within},
};
use futures::SinkExt;
use rdkafka::{ClientConfig, producer::FutureProducer};
use reqwest::Method;
use runtime::settings::BrokerUrl;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

/// What is left of a transaction or an event when everything that names it is taken out.
fn bare(mut value: Value) -> String {
    for member in ["id", "created_at", "transaction_id"] {
        if let Some(members) = value.as_object_mut() {
            members.remove(member);
        }
    }
    value.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_in_is_the_same_ledger() {
    let (rabbit, redis, kafka) = (Broker::start("rabbitmq"), Broker::start("redis"), cluster());
    let brokers = kafka.bootstrap_servers();
    let scene = Scene::with(|settings| {
        let bridges = &mut settings.bridges;
        bridges.rabbitmq.url = Some(BrokerUrl::new(rabbitmq::url(&rabbit)));
        bridges.redis.url = Some(BrokerUrl::new(streams::url(&redis)));
        bridges.kafka.brokers = Some(brokers.clone());
        bridges.rabbitmq.consume = true;
        bridges.redis.consume = true;
        bridges.kafka.consume = true;
    })
    .await;
    within("the process is connected", async || {
        (scene.degraded().await == json!([])).then_some(())
    })
    .await;
    let params = json!({
        "type": "expense", "amount": 12.5, "category": "Food", "date": "2026-03-01", "description": "lunch",
        "user_id": scene.user
    });
    let command = json!({ "command": "create_transaction", "params": params });

    // By HTTP: the route, the root path, the gateway prefix, the command.
    for (path, body) in [
        ("/api/v1/transactions", &params),
        ("/create_transaction", &params),
        ("/api/accounting/create_transaction", &params),
        ("/api/finance/commands", &command),
    ] {
        let posted = scene.served.post(path, scene.token(), body).await;
        assert_eq!(posted.status, 200, "{path}: {}", posted.text);
    }
    // By socket.
    let mut request = format!("ws://{}/ws/transactions", scene.served.address())
        .into_client_request()
        .unwrap();
    let bearer = format!("Bearer {}", scene.token()).parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let said = json!({ "event": "create_transaction", "data": params, "id": "by-socket" });
    for _ in 0..2 {
        socket.send(Message::text(said.to_string())).await.unwrap();
    }
    // By broker: the queue, the topic, the stream and the channel; each message comes twice.
    let (_connection, channel) = rabbitmq::connected(&rabbit).await;
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", &brokers)
        .create()
        .unwrap();
    let mut connection = streams::connected(&redis).await;
    let named = |id: &str| {
        let mut named = command.clone();
        named["id"] = json!(id);
        named.to_string()
    };
    for _ in 0..2 {
        rabbitmq::sent(&channel, Some("by-queue"), &command).await;
        send(&producer, "transactions", Some("by-topic"), &command.to_string()).await;
        let entry = named("by-stream");
        streams::add(&mut connection, &[("message", &entry)])
            .await
            .unwrap();
        streams::publish(&mut connection, &named("by-channel")).await;
    }
    let listed = within("every way has posted", async || {
        let path = format!("/api/v1/transactions?limit=100&user_id={}", scene.user);
        let listed = scene.served.get(&path, scene.token()).await.body;
        (listed.as_array().map(Vec::len) == Some(9)).then_some(listed)
    })
    .await;
    let rows = listed.as_array().unwrap().iter().cloned().map(bare);
    let different: BTreeSet<String> = rows.collect();
    assert_eq!(different.len(), 1, "{different:#?}");

    let report = scene
        .served
        .get("/api/v1/financial-report", scene.token())
        .await
        .body;
    assert_eq!(report["total_expenses"].to_string(), "112.50");
    assert_eq!(report["transactions"], 9);
    assert_eq!(scene.metric("financial_transactions_total", &[]).await, 9);
    let labels = ["_count", "expense", "INR"];
    assert_eq!(scene.metric("financial_transaction_amount", &labels).await, 9);

    let mut told = BTreeSet::new();
    for transaction in listed.as_array().unwrap() {
        let path = format!(
            "/api/v1/transactions/{}/history",
            transaction["id"].as_str().unwrap()
        );
        let request = scene.served.request(Method::GET, &path, scene.token());
        let history = scene.served.send(request).await.body;
        assert_eq!(history[0]["type"], "transaction.created");
        told.insert(bare(history[0]["data"].clone()));
    }
    assert_eq!(told.len(), 1, "{told:#?}");
    scene.served.stop().await;
}
