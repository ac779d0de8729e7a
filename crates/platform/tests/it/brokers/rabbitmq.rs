use super::scene::Scene;
use crate::message_brokers::{
    Broker,
    rabbitmq::{connected, publish, sent, take, url},
    within,
};
use lapin::{
    Channel, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use runtime::settings::BrokerUrl;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Listens for events from now on.
async fn listen(channel: &Channel) {
    let durable = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    let none = FieldTable::default;
    let events = "wealthos.events";
    channel
        .exchange_declare(events.into(), ExchangeKind::Topic, durable, none())
        .await
        .unwrap();
    let durable = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare("heard".into(), durable, none())
        .await
        .unwrap();
    let key = "transaction.created".into();
    channel
        .queue_bind(
            "heard".into(),
            events.into(),
            key,
            QueueBindOptions::default(),
            none(),
        )
        .await
        .unwrap();
}

async fn scene(broker: &Broker) -> Scene {
    let url = url(broker);
    let scene = Scene::with(|settings| {
        let rabbitmq = &mut settings.bridges.rabbitmq;
        rabbitmq.url = Some(BrokerUrl::new(url));
        rabbitmq.consume = true;
        rabbitmq.publish = true;
    })
    .await;
    within("the process is connected", async || {
        (scene.degraded().await == json!([])).then_some(())
    })
    .await;
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_a_queue_are_carried_out_once_and_events_go_out() {
    let broker = Broker::start("rabbitmq");
    let (_connection, channel) = connected(&broker).await;
    listen(&channel).await;
    let scene = scene(&broker).await;

    // The message's name, the command's own id, and none.
    sent(&channel, Some("order-1"), &scene.message(1)).await;
    sent(&channel, Some("order-1"), &scene.message(1)).await;
    let mut named = scene.message(2);
    named["id"] = json!("order-2");
    sent(&channel, Some("first try"), &named).await;
    sent(&channel, Some("second try"), &named).await;
    sent(&channel, None, &scene.message(3)).await;
    scene.posted(&[1, 2, 3]).await;
    let unnamed = scene
        .metric("bridge_messages_without_id_total", &["rabbitmq"])
        .await;
    assert!(
        unnamed >= 1,
        "a message without a name is counted each time it comes"
    );

    // Nobody is named: the service account's. Whoever asks for a user sees nothing of it.
    let anonymous =
        json!({ "command": "create_transaction", "params": { "type": "expense", "amount": 100.00 } });
    sent(&channel, Some("order-4"), &anonymous).await;

    for (body, reason) in [
        ("not json", "message: is not JSON"),
        (
            r#"{"command":"make_rich"}"#,
            "command: there is no command 'make_rich'",
        ),
        (
            r#"{"command":"create_transaction","params":{"type":"gift","amount":1}}"#,
            "params.type",
        ),
        (
            r#"{"command":"create_transaction","params":{"type":"income","amount":-1}}"#,
            "params.amount",
        ),
        (
            r#"{"command":"create_transaction","params":[]}"#,
            "params: must be an object",
        ),
    ] {
        assert!(publish(&channel, Some("poison"), body.as_bytes()).await.unwrap());
        let letter = within("the dead letter is there", async || {
            take(&channel, "financial_commands.dead").await
        })
        .await;
        assert_eq!(String::from_utf8_lossy(&letter.data), body);
        let headers = letter.properties.headers().clone().unwrap();
        let Some(AMQPValue::LongString(said)) = headers.inner().get("x-reason") else {
            panic!("no reason: {headers:?}");
        };
        let said = said.to_string();
        assert!(said.contains(reason), "{said} for {body}");
        assert!(letter.properties.message_id().is_some(), "{letter:?}");
    }

    let mut heard = BTreeSet::new();
    within("each transaction is heard of", async || {
        while let Some(event) = take(&channel, "heard").await {
            let read: Value = serde_json::from_slice(&event.data).unwrap();
            assert_eq!(read["type"], "transaction.created");
            assert_eq!(
                event.properties.message_id().as_ref().unwrap().as_str(),
                read["id"].as_str().unwrap()
            );
            heard.insert(read["subject"].to_string());
        }
        (heard.len() == 4).then_some(())
    })
    .await;
    scene.posted(&[1, 2, 3]).await;
    scene.served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_loses_and_doubles_nothing() {
    let mut broker = Broker::start("rabbitmq");
    let (mut connection, mut channel) = connected(&broker).await;
    listen(&channel).await;
    let scene = scene(&broker).await;
    let mut kept_from = 0;
    for number in 1..=40_u32 {
        let body = scene.message(number).to_string();
        let id = format!("order-{number}");
        // Sent until the broker has confirmed it: that is the sender's part.
        while !publish(&channel, Some(&id), body.as_bytes())
            .await
            .unwrap_or(false)
        {
            (connection, channel) = connected(&broker).await;
        }
        if number == 20 {
            broker.kill();
            kept_from = number;
            broker.start_again();
        }
    }
    assert_eq!(kept_from, 20);
    scene.posted(&(1..=40).collect::<Vec<_>>()).await;
    within("the process is connected again", async || {
        (scene.degraded().await == json!([])).then_some(())
    })
    .await;
    let mut heard = BTreeSet::new();
    within("each transaction is heard of", async || {
        while let Some(event) = take(&channel, "heard").await {
            let read: Value = serde_json::from_slice(&event.data).unwrap();
            heard.insert(read["subject"].to_string());
        }
        (heard.len() == 40).then_some(())
    })
    .await;
    drop(connection);
    scene.served.stop().await;
}
