use super::scene::Scene;
use crate::message_brokers::{
    Broker,
    redis::{STREAM, add, connected, entries, publish, url},
    within,
};
use redis::{RedisResult, aio::MultiplexedConnection, streams::StreamId};
use runtime::settings::BrokerUrl;
use serde_json::json;

async fn scene(broker: &Broker) -> Scene {
    let url = url(broker);
    let scene = Scene::with(|settings| {
        let redis = &mut settings.bridges.redis;
        redis.url = Some(BrokerUrl::new(url));
        redis.consume = true;
        redis.publish = true;
        redis.claim_after_seconds = 2;
    })
    .await;
    within("the process is connected", async || {
        (scene.degraded().await == json!([])).then_some(())
    })
    .await;
    scene
}

/// An entry that somebody wrote by hand.
async fn add_fields(connection: &mut MultiplexedConnection, fields: &[(&str, &str)]) {
    let added: RedisResult<String> = redis::cmd("XADD")
        .arg(STREAM)
        .arg("*")
        .arg(fields)
        .query_async(connection)
        .await;
    added.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_a_stream_and_a_channel_are_carried_out() {
    let broker = Broker::start("redis");
    let mut connection = connected(&broker).await;
    // A consumer that began something and never came back.
    let scene = scene(&broker).await;
    let lost = scene.message(1).to_string();
    add(&mut connection, lost.as_bytes()).await.unwrap();
    scene.posted(&[1]).await;

    // By its members, and one intention twice.
    let params = json!({ "type": "expense", "amount": 2, "user_id": scene.user }).to_string();
    for _ in 0..2 {
        let fields = [
            ("command", "create_transaction"),
            ("params", params.as_str()),
            ("id", "order-2"),
        ];
        add_fields(&mut connection, &fields).await;
    }
    scene.posted(&[1, 2]).await;

    // The channel of source 004.
    let mut message = scene.message(3);
    message["id"] = json!("order-3");
    for _ in 0..2 {
        publish(&mut connection, message.to_string().as_bytes()).await;
    }
    scene.posted(&[1, 2, 3]).await;

    add(&mut connection, b"not json").await.unwrap();
    add_fields(&mut connection, &[("colour", "red")]).await;
    let letters = within("the dead letters are there", async || {
        let letters = entries(&mut connection, "financial_commands.dead").await;
        (letters.len() == 2).then_some(letters)
    })
    .await;
    let reason = |letter: &StreamId| letter.get::<String>("reason").unwrap();
    assert_eq!(reason(&letters[0]), "message: is not JSON");
    assert!(
        reason(&letters[1]).contains("command: is required"),
        "{}",
        reason(&letters[1])
    );
    within("nothing is left open", async || {
        let open: redis::streams::StreamPendingReply = redis::cmd("XPENDING")
            .arg(STREAM)
            .arg("wealthos")
            .query_async(&mut connection)
            .await
            .unwrap();
        (open.count() == 0).then_some(())
    })
    .await;

    let heard = within("each transaction is heard of", async || {
        let events = entries(&mut connection, "wealthos.events").await;
        let created = events
            .into_iter()
            .filter(|event| event.get::<String>("type").as_deref() == Some("transaction.created"));
        let created: Vec<StreamId> = created.collect();
        (created.len() == 3).then_some(created)
    })
    .await;
    let event: serde_json::Value = serde_json::from_str(&heard[0].get::<String>("event").unwrap()).unwrap();
    assert_eq!(
        Some(event["id"].as_str().unwrap().to_owned()),
        heard[0].get::<String>("id")
    );
    scene.served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_loses_and_doubles_nothing() {
    let mut broker = Broker::start("redis");
    let mut connection = connected(&broker).await;
    let scene = scene(&broker).await;
    for number in 1..=60_u32 {
        let mut message = scene.message(number);
        // The sender cannot know whether the entry of a lost answer is there: the command's own id makes it one.
        message["id"] = json!(format!("order-{number}"));
        let message = message.to_string();
        while add(&mut connection, message.as_bytes()).await.is_err() {
            connection = connected(&broker).await;
        }
        if number % 20 == 0 {
            broker.kill();
            broker.start_again();
        }
    }
    scene.posted(&(1..=60).collect::<Vec<_>>()).await;
    within("the process is connected again", async || {
        (scene.degraded().await == json!([])).then_some(())
    })
    .await;
    scene.served.stop().await;
}
