//! `wealthctl consume` is killed and started again under a stream of messages, at each broker: nothing is lost, nothing
//! comes twice.

use crate::{
    consume::broker,
    process::{Home, Monolith, Remote},
};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use rdkafka::{
    ClientConfig,
    mocking::MockCluster,
    producer::{DefaultProducerContext, FutureProducer, FutureRecord},
    util::Timeout,
};
use redis::{AsyncConnectionConfig, Client, RedisResult, aio::MultiplexedConnection};
use serde_json::json;
use std::{process::Stdio, time::Duration};
use testkit::BrokerServer;
use tokio::{
    process::Child,
    time::{Instant, sleep, timeout},
};

const PATIENCE: Duration = Duration::from_secs(120);
/// How long a broker may take to let somebody in. The client waits for ever when a broker that is just starting closes
/// the connection at a bad moment.
const ONE_ATTEMPT: Duration = Duration::from_secs(10);
/// How long an answer of Redis may take on a loaded machine; the client's own limit is half a second.
const ONE_ANSWER: Duration = Duration::from_secs(30);
const MESSAGES: u32 = 60;
/// After how many messages the consumer is killed, each time.
const BETWEEN_KILLS: u32 = 15;

/// A broker, and how its consumer and a sender find it.
enum Line {
    RabbitMq {
        server: BrokerServer,
        channel: Box<(Connection, Channel)>,
    },
    Redis {
        server: BrokerServer,
        connection: MultiplexedConnection,
    },
    Kafka {
        cluster: MockCluster<'static, DefaultProducerContext>,
        producer: FutureProducer,
    },
}

/// A connection and a channel on which the broker confirms what it has on its disk.
async fn channel_of(url: &str) -> lapin::Result<(Connection, Channel)> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok((connection, channel))
}

impl Line {
    async fn rabbitmq(home: &Home) -> Self {
        let mut server = broker("rabbitmq", home);
        server.start().unwrap();
        let url = amqp(&server);
        let channel = within("RabbitMQ lets us in", async || {
            timeout(ONE_ATTEMPT, channel_of(&url)).await.ok()?.ok()
        })
        .await;
        let channel = Box::new(channel);
        Self::RabbitMq { server, channel }
    }

    async fn redis(home: &Home) -> Self {
        let mut server = broker("redis", home);
        server.start().unwrap();
        let client = Client::open(format!("redis://127.0.0.1:{}/", server.port())).unwrap();
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(ONE_ANSWER));
        let connection = within("Redis lets us in", async || {
            let connecting = client.get_multiplexed_async_connection_with_config(&config);
            let mut connection = connecting.await.ok()?;
            let pong: RedisResult<String> = redis::cmd("PING").query_async(&mut connection).await;
            pong.is_ok().then_some(connection)
        })
        .await;
        Self::Redis { server, connection }
    }

    fn kafka() -> Self {
        let cluster = MockCluster::new(1).unwrap();
        for topic in [
            "financial-events",
            "transactions",
            "inventory",
            "financial-commands-dead",
        ] {
            cluster.create_topic(topic, 2, 1).unwrap();
        }
        let producer = ClientConfig::new()
            .set("bootstrap.servers", cluster.bootstrap_servers())
            .create()
            .unwrap();
        Self::Kafka { cluster, producer }
    }

    fn consumer(&self, home: &Home) -> Child {
        let mut command = home.command("wealthctl");
        command.stdout(Stdio::null()).stderr(Stdio::null()).arg("consume");
        match self {
            Self::RabbitMq { server, .. } => command.env("RABBITMQ_URL", amqp(server)).arg("rabbitmq"),
            Self::Redis { server, .. } => command
                .env("REDIS_URL", format!("redis://127.0.0.1:{}/", server.port()))
                .env("WEALTHOS__BRIDGES__REDIS__CLAIM_AFTER_SECONDS", "1")
                .arg("redis"),
            Self::Kafka { cluster, .. } => command
                .env("KAFKA_BROKERS", cluster.bootstrap_servers())
                .arg("kafka"),
        };
        command.spawn().unwrap()
    }

    /// Sends a command; answers when the broker has it. False where the broker has no place for it yet.
    async fn send(&mut self, number: u32, body: &str) -> bool {
        match self {
            Self::RabbitMq { channel, .. } => {
                let properties = BasicProperties::default()
                    .with_delivery_mode(2)
                    .with_message_id(format!("message-{number}").into());
                let options = BasicPublishOptions {
                    mandatory: true,
                    ..BasicPublishOptions::default()
                };
                let (exchange, key) = ("financial.transaction", "financial.transaction");
                let published = channel
                    .1
                    .basic_publish(exchange.into(), key.into(), options, body.as_bytes(), properties)
                    .await;
                let Ok(confirmation) = published else { return false };
                let confirmed = confirmation.await;
                confirmed.is_ok_and(|said| said.is_ack() && said.take_message().is_none())
            }
            Self::Redis { connection, .. } => {
                let fields = [("message", body)];
                let added: RedisResult<String> = redis::cmd("XADD")
                    .arg("financial_commands")
                    .arg("*")
                    .arg(&fields)
                    .query_async(connection)
                    .await;
                added.is_ok()
            }
            Self::Kafka { producer, .. } => {
                let record = FutureRecord::<str, str>::to("transactions").payload(body);
                let wait = Timeout::After(Duration::from_secs(30));
                producer.send(record, wait).await.is_ok()
            }
        }
    }

    /// A channel that the broker closed because the exchange was not there yet is of no use any more.
    async fn mend(&mut self) {
        if let Self::RabbitMq { channel, .. } = self
            && !channel.1.status().connected()
        {
            channel.1 = channel.0.create_channel().await.unwrap();
            let confirmed = ConfirmSelectOptions::default();
            channel.1.confirm_select(confirmed).await.unwrap();
        }
    }
}

fn amqp(server: &BrokerServer) -> String {
    format!("amqp://guest:guest@127.0.0.1:{}/%2f", server.port())
}

async fn within<T>(what: &str, attempt: impl AsyncFn() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(came) = attempt().await {
            return came;
        }
        assert!(Instant::now() < end, "{what}: not within {PATIENCE:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until the report counts that many transactions.
async fn posted(api: &Remote, token: &str, wanted: u64) {
    within("the messages are posted", async || {
        let report = api.get("/api/v1/financial-report", token).await;
        (report.body["transactions"].as_u64()? >= wanted).then_some(())
    })
    .await;
}

async fn loses_and_doubles_nothing(home: Home, mut line: Line) {
    let monolith: Monolith = home.start().await;
    let api = monolith.remote();
    let (token, user) = api.newcomer("payer@example.com", "client").await;
    let mut process = line.consumer(&home);
    for number in 1..=MESSAGES {
        let message = json!({
            "command": "create_transaction",
            "params": { "type": "expense", "amount": number, "user_id": user, "date": "2026-03-01" }
        });
        let end = Instant::now() + PATIENCE;
        while !line.send(number, &message.to_string()).await {
            assert!(Instant::now() < end, "the consumer makes no queue");
            sleep(Duration::from_millis(50)).await;
            line.mend().await;
        }
        if number % BETWEEN_KILLS == 0 {
            posted(&api, &token, u64::from(number - BETWEEN_KILLS / 2)).await;
            process.kill().await.unwrap();
            process = line.consumer(&home);
        }
    }
    posted(&api, &token, u64::from(MESSAGES)).await;
    // What was not confirmed comes again: a consumer more takes it, and whatever is sent behind it.
    process.kill().await.unwrap();
    process = line.consumer(&home);
    let last = json!({
        "command": "create_transaction",
        "params": { "type": "income", "amount": 1, "user_id": user, "date": "2026-03-02" }
    });
    assert!(line.send(MESSAGES + 1, &last.to_string()).await);
    posted(&api, &token, u64::from(MESSAGES + 1)).await;
    let report = api.get("/api/v1/financial-report", &token).await;
    assert_eq!(report.body["transactions"], MESSAGES + 1);
    let sum = MESSAGES * (MESSAGES + 1) / 2;
    assert_eq!(report.body["total_expenses"].to_string(), format!("{sum}.00"));
    process.kill().await.unwrap();
    monolith.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_of_redis_that_is_killed_loses_and_doubles_nothing() {
    let home = Home::sqlite();
    let line = Line::redis(&home).await;
    loses_and_doubles_nothing(home, line).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_of_rabbitmq_that_is_killed_loses_and_doubles_nothing() {
    let home = Home::sqlite();
    let line = Line::rabbitmq(&home).await;
    loses_and_doubles_nothing(home, line).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_of_kafka_that_is_killed_loses_and_doubles_nothing() {
    loses_and_doubles_nothing(Home::sqlite(), Line::kafka()).await;
}
