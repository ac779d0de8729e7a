use crate::{
    message_brokers::{
        Broker, kafka,
        rabbitmq::{self, take},
        redis as streams, within,
    },
    world::{User, World},
};
use futures::{SinkExt, StreamExt};
use lapin::types::AMQPValue;
use rdkafka::{
    ClientConfig, Message as _,
    consumer::{Consumer, StreamConsumer},
    message::Headers,
    mocking::MockCluster,
    producer::{DefaultProducerContext, FutureProducer},
};
use redis::aio::MultiplexedConnection;
use runtime::settings::{BridgeSettings, BrokerUrl};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest},
};

/// How long an answer over the socket may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Route,
    Root,
    Prefix,
    Command,
    Socket,
    Queue,
    Topic,
    Stream,
    Channel,
}

impl Way {
    pub(super) const ALL: [Self; 9] = [
        Self::Route,
        Self::Root,
        Self::Prefix,
        Self::Command,
        Self::Socket,
        Self::Queue,
        Self::Topic,
        Self::Stream,
        Self::Channel,
    ];
}

/// The brokers of all topologies, one after the other.
pub(super) struct Brokers {
    rabbitmq: Broker,
    redis: Broker,
    kafka: MockCluster<'static, DefaultProducerContext>,
}

/// Everything that a sender holds.
pub(super) struct Line {
    channel: lapin::Channel,
    _connection: lapin::Connection,
    producer: FutureProducer,
    letters: StreamConsumer,
    redis: MultiplexedConnection,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Brokers {
    pub(super) async fn start() -> Self {
        let brokers = Self {
            rabbitmq: Broker::start("rabbitmq"),
            redis: Broker::start("redis"),
            kafka: kafka::cluster(),
        };
        drop(rabbitmq::connected(&brokers.rabbitmq).await);
        drop(streams::connected(&brokers.redis).await);
        brokers
    }

    pub(super) fn settings(&self) -> BridgeSettings {
        let mut settings = BridgeSettings::default();
        settings.rabbitmq.url = Some(BrokerUrl::new(rabbitmq::url(&self.rabbitmq)));
        settings.redis.url = Some(BrokerUrl::new(streams::url(&self.redis)));
        settings.kafka.brokers = Some(self.kafka.bootstrap_servers());
        settings.rabbitmq.consume = true;
        settings.redis.consume = true;
        settings.kafka.consume = true;
        settings
    }

    pub(super) async fn line(&self, world: &World, user: &User) -> Line {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.kafka.bootstrap_servers());
        config.set("message.max.bytes", "20000000");
        let letters: StreamConsumer = config
            .clone()
            // A reader of its own each time, from here on.
            .set("group.id", format!("letters-{}", user.id))
            .set("auto.offset.reset", "earliest")
            .create()
            .unwrap();
        letters.subscribe(&["financial-commands-dead"]).unwrap();
        let (connection, channel) = rabbitmq::connected(&self.rabbitmq).await;
        let address = world.base_url().replace("http://", "ws://");
        let mut request = format!("{address}/ws/transactions")
            .into_client_request()
            .unwrap();
        let bearer = format!("Bearer {}", user.token).parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        Line {
            channel,
            _connection: connection,
            producer: config.create().unwrap(),
            letters,
            redis: streams::connected(&self.redis).await,
            socket,
        }
    }
}

impl Line {
    /// Says a posting by one way, under a name.
    pub(super) async fn send(
        &mut self,
        world: &mut World,
        user: &User,
        way: Way,
        posting: &Value,
        name: Option<&str>,
    ) {
        let status = self
            .say(world, user, way, posting, name.unwrap_or_default())
            .await;
        assert!(matches!(status, None | Some((200, _))), "{way:?}: {status:?}");
    }

    /// Says a posting that is wrong by one way; answers the field or the reason that it was refused with, where the way
    /// has a way back.
    pub(super) async fn refused(
        &mut self,
        world: &mut World,
        user: &User,
        way: Way,
        posting: &Value,
        name: &str,
    ) -> Option<String> {
        if let Some((status, answer)) = self.say(world, user, way, posting, name).await {
            assert!(
                (400..500).contains(&status),
                "{way:?}: {posting}: {status} {answer}"
            );
            return Some(answer["details"].to_string());
        }
        let is_ours =
            |body: &[u8]| serde_json::from_slice::<Value>(body).is_ok_and(|body| &body["params"] == posting);
        self.dead_letter(way, is_ours).await
    }

    /// Sends a body as it is by a broker; answers the reason with which it lies with the dead letters.
    pub(super) async fn buried(&mut self, way: Way, body: &[u8]) -> Option<String> {
        match way {
            Way::Queue => {
                let name = Some("hostile");
                assert!(rabbitmq::publish(&self.channel, name, body).await.unwrap());
            }
            Way::Topic => {
                kafka::send(&self.producer, "transactions", Some("hostile"), body).await;
            }
            Way::Stream => {
                streams::add(&mut self.redis, body).await.unwrap();
            }
            _ => streams::publish(&mut self.redis, body).await,
        }
        // One that is too large for the topic of dead letters lies there without its body.
        let is_large = body.len() > 1_000_000;
        let is_ours = |letter: &[u8]| letter == body || (is_large && letter.is_empty());
        self.dead_letter(way, is_ours).await
    }

    /// Waits for a dead letter; answers its reason. None where there are no dead letters.
    async fn dead_letter(&mut self, way: Way, is_ours: impl Fn(&[u8]) -> bool) -> Option<String> {
        match way {
            Way::Queue => {
                let letter = within("the dead letter is in its queue", async || {
                    take(&self.channel, "financial_commands.dead").await
                })
                .await;
                assert!(is_ours(&letter.data), "{letter:?}");
                let headers = letter.properties.headers().clone().unwrap();
                match headers.inner().get("x-reason") {
                    Some(AMQPValue::LongString(reason)) => Some(reason.to_string()),
                    other => panic!("no reason: {other:?}"),
                }
            }
            Way::Topic => loop {
                let letter = timeout(PATIENCE, self.letters.recv())
                    .await
                    .expect("no dead letter")
                    .unwrap();
                // Those of the topologies before are there as well.
                if !is_ours(letter.payload().unwrap_or_default()) {
                    continue;
                }
                let mut headers = letter.headers().unwrap().iter();
                let reason = headers.find(|header| header.key == "reason").unwrap();
                break Some(String::from_utf8_lossy(reason.value.unwrap()).into_owned());
            },
            Way::Stream => {
                let reason = within("the dead letter is in its stream", async || {
                    let letters = streams::entries(&mut self.redis, "financial_commands.dead").await;
                    let ours = letters.iter().find(|letter| {
                        let message = letter.get::<Vec<u8>>("message").unwrap_or_default();
                        is_ours(&message)
                    });
                    ours?.get::<String>("reason")
                })
                .await;
                Some(reason)
            }
            // Pub/Sub has no place for dead letters: the log has the reason.
            _ => None,
        }
    }

    /// Says a text over the socket; answers the error that comes back.
    pub(super) async fn complained(&mut self, text: &str) -> Value {
        self.socket.send(Message::text(text.to_owned())).await.unwrap();
        loop {
            let next = timeout(PATIENCE, self.socket.next())
                .await
                .expect("nothing is answered");
            let Message::Text(text) = next.unwrap().unwrap() else {
                continue;
            };
            let told: Value = serde_json::from_str(&text).unwrap();
            if told["event"] == "error" {
                return told["data"].clone();
            }
        }
    }

    /// Says it; answers the status and the answer where there is one.
    async fn say(
        &mut self,
        world: &mut World,
        user: &User,
        way: Way,
        posting: &Value,
        name: &str,
    ) -> Option<(u16, Value)> {
        let command = json!({ "command": "create_transaction", "params": posting });
        let mut named = command.clone();
        named["id"] = json!(name);
        let path = match way {
            Way::Route => "/api/v1/transactions",
            Way::Root => "/create_transaction",
            Way::Prefix => "/api/accounting/create_transaction",
            Way::Command => {
                let answer = world.post("/api/finance/commands", &named).by(user).send().await;
                return Some((answer.exchange.status, answer.body));
            }
            Way::Socket => return Some(self.talk(posting, name).await),
            Way::Queue => {
                rabbitmq::sent(&self.channel, Some(name), &command).await;
                return None;
            }
            Way::Topic => {
                kafka::send(
                    &self.producer,
                    "transactions",
                    Some(name),
                    command.to_string().as_bytes(),
                )
                .await;
                return None;
            }
            Way::Stream => {
                streams::add(&mut self.redis, named.to_string().as_bytes())
                    .await
                    .unwrap();
                return None;
            }
            Way::Channel => {
                streams::publish(&mut self.redis, named.to_string().as_bytes()).await;
                return None;
            }
        };
        let answer = world.post(path, posting).by(user).key(name).send().await;
        Some((answer.exchange.status, answer.body))
    }

    /// Says it over the socket; answers what comes back, with the status that the code of an error stands for.
    async fn talk(&mut self, posting: &Value, name: &str) -> (u16, Value) {
        let said = json!({ "event": "create_transaction", "data": posting, "id": name });
        self.socket.send(Message::text(said.to_string())).await.unwrap();
        loop {
            let next = timeout(PATIENCE, self.socket.next())
                .await
                .expect("nothing is answered");
            let Message::Text(text) = next.unwrap().unwrap() else {
                continue;
            };
            let told: Value = serde_json::from_str(&text).unwrap();
            match told["event"].as_str() {
                Some("transaction_created") => return (200, told["data"].clone()),
                Some("error") => {
                    assert_eq!(told["id"], json!(name), "{told}");
                    return (422, told["data"].clone());
                }
                _ => {}
            }
        }
    }
}
