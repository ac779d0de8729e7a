use super::scene::Scene;
use crate::message_brokers::{
    kafka::{cluster, send},
    within,
};
use rdkafka::{
    ClientConfig, Message,
    consumer::{Consumer, StreamConsumer},
    message::Headers,
    producer::FutureProducer,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn reader(brokers: &str, topic: &str) -> StreamConsumer {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", format!("test-{topic}"))
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    consumer.subscribe(&[topic]).unwrap();
    consumer
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_topics_are_carried_out_once_and_events_go_out() {
    let cluster = cluster();
    let brokers = cluster.bootstrap_servers();
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", &brokers)
        .create()
        .unwrap();
    let address = brokers.clone();
    let scene = Scene::with(|settings| {
        let kafka = &mut settings.bridges.kafka;
        kafka.brokers = Some(address);
        kafka.consume = true;
        kafka.publish = true;
    })
    .await;
    let message = |amount| scene.message(amount).to_string();
    // By a header, whichever topic brings it; and by the place in the topic.
    send(&producer, "transactions", Some("order-1"), message(1).as_bytes()).await;
    send(
        &producer,
        "financial-events",
        Some("order-1"),
        message(1).as_bytes(),
    )
    .await;
    send(&producer, "transactions", None, message(2).as_bytes()).await;
    send(&producer, "inventory", None, message(3).as_bytes()).await;
    scene.posted(&[1, 2, 3]).await;

    send(
        &producer,
        "financial-events",
        Some("poison"),
        br#"{"command":"make_rich"}"#,
    )
    .await;
    let letters = reader(&brokers, "financial-commands-dead");
    let letter = letters.recv().await.unwrap();
    assert_eq!(letter.payload().unwrap(), br#"{"command":"make_rich"}"#);
    let headers = letter.headers().unwrap();
    let reason = headers.iter().find(|header| header.key == "reason").unwrap();
    let reason = String::from_utf8_lossy(reason.value.unwrap()).into_owned();
    assert!(reason.contains("there is no command 'make_rich'"), "{reason}");

    let events = reader(&brokers, "wealthos-events");
    let mut heard = BTreeSet::new();
    while heard.len() < 3 {
        let event = events.recv().await.unwrap();
        let read: Value = serde_json::from_slice(event.payload().unwrap()).unwrap();
        if read["type"] == "transaction.created" {
            heard.insert(read["subject"].to_string());
        }
    }
    within("the process misses nothing", async || {
        (scene.degraded().await == json!([])).then_some(())
    })
    .await;
    scene.posted(&[1, 2, 3]).await;
    scene.served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_goes_away_and_comes_back_loses_nothing() {
    let cluster = cluster();
    let brokers = cluster.bootstrap_servers();
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", &brokers)
        .set("enable.idempotence", "true")
        .create()
        .unwrap();
    let address = brokers.clone();
    let scene = Scene::with(|settings| {
        let kafka = &mut settings.bridges.kafka;
        kafka.brokers = Some(address);
        kafka.consume = true;
    })
    .await;
    for number in 1..=30_u32 {
        let body = scene.message(number).to_string();
        send(
            &producer,
            "transactions",
            Some(&format!("order-{number}")),
            body.as_bytes(),
        )
        .await;
        if number == 10 {
            cluster.broker_down(1).unwrap();
            cluster.broker_up(1).unwrap();
        }
    }
    scene.posted(&(1..=30).collect::<Vec<_>>()).await;
    scene.served.stop().await;
}
