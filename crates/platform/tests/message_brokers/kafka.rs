use rdkafka::{
    message::{Header, OwnedHeaders},
    mocking::MockCluster,
    producer::{DefaultProducerContext, FutureProducer, FutureRecord},
    util::Timeout,
};
use std::time::Duration;

const TOPICS: [&str; 5] = [
    "financial-events",
    "transactions",
    "inventory",
    "financial-commands-dead",
    "wealthos-events",
];

/// librdkafka's own cluster, with the topics of the settings.
pub(crate) fn cluster() -> MockCluster<'static, DefaultProducerContext> {
    let cluster = MockCluster::new(1).unwrap();
    for topic in TOPICS {
        cluster.create_topic(topic, 2, 1).unwrap();
    }
    cluster
}

/// Sends a message; answers when the cluster has it.
pub(crate) async fn send(producer: &FutureProducer, topic: &str, id: Option<&str>, body: &[u8]) {
    let mut record = FutureRecord::<str, [u8]>::to(topic).payload(body);
    if let Some(id) = id {
        record = record.headers(OwnedHeaders::new().insert(Header {
            key: "id",
            value: Some(id),
        }));
    }
    let wait = Timeout::After(Duration::from_secs(30));
    producer.send(record, wait).await.unwrap();
}
