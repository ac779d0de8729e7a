use super::scene::{Scene, within};
use rdkafka::{
    ClientConfig, Message,
    consumer::{Consumer, StreamConsumer},
    message::{Header, Headers, OwnedHeaders},
    mocking::MockCluster,
    producer::{DefaultProducerContext, FutureProducer, FutureRecord},
    util::Timeout,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

const TOPICS: [&str; 5] = [
    "financial-events",
    "transactions",
    "inventory",
    "financial-commands-dead",
    "wealthos-events",
];

pub(super) fn cluster() -> MockCluster<'static, DefaultProducerContext> {
    let cluster = MockCluster::new(1).unwrap();
    for topic in TOPICS {
        cluster.create_topic(topic, 2, 1).unwrap();
    }
    cluster
}

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

pub(super) async fn send(producer: &FutureProducer, topic: &str, id: Option<&str>, body: &str) {
    let mut record = FutureRecord::<str, str>::to(topic).payload(body);
    if let Some(id) = id {
        record = record.headers(OwnedHeaders::new().insert(Header {
            key: "id",
            value: Some(id),
        }));
    }
    let wait = Timeout::After(Duration::from_secs(30));
    producer.send(record, wait).await.unwrap();
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
    send(&producer, "transactions", Some("order-1"), &message(1)).await;
    send(&producer, "financial-events", Some("order-1"), &message(1)).await;
    send(&producer, "transactions", None, &message(2)).await;
    send(&producer, "inventory", None, &message(3)).await;
    scene.posted(&[1, 2, 3]).await;

    send(
        &producer,
        "financial-events",
        Some("poison"),
        r#"{"command":"make_rich"}"#,
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
        send(&producer, "transactions", Some(&format!("order-{number}")), &body).await;
        if number == 10 {
            cluster.broker_down(1).unwrap();
            cluster.broker_up(1).unwrap();
        }
    }
    scene.posted(&(1..=30).collect::<Vec<_>>()).await;
    scene.served.stop().await;
}
