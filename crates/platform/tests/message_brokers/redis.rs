use super::{Broker, within};
use redis::{
    AsyncConnectionConfig, AsyncTypedCommands, Client, RedisResult,
    aio::MultiplexedConnection,
    streams::{StreamId, StreamRangeReply},
};
use std::time::Duration;

/// How long an answer may take on a loaded machine; the client's own limit is half a second.
const ONE_ANSWER: Duration = Duration::from_secs(30);

/// The stream, and the channel, of commands.
pub(crate) const STREAM: &str = "financial_commands";

pub(crate) fn url(broker: &Broker) -> String {
    format!("redis://127.0.0.1:{}/0", broker.port)
}

pub(crate) async fn connected(broker: &Broker) -> MultiplexedConnection {
    let client = Client::open(url(broker)).unwrap();
    let config = AsyncConnectionConfig::new().set_response_timeout(Some(ONE_ANSWER));
    within("Redis lets us in", async || {
        let connecting = client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = connecting.await.ok()?;
        let pong: RedisResult<String> = redis::cmd("PING").query_async(&mut connection).await;
        pong.ok().map(|_| connection)
    })
    .await
}

/// Adds a message to the stream.
pub(crate) async fn add(
    connection: &mut MultiplexedConnection,
    message: &[u8],
) -> RedisResult<Option<String>> {
    redis::cmd("XADD")
        .arg(STREAM)
        .arg("*")
        .arg("message")
        .arg(message)
        .query_async(connection)
        .await
}

/// Publishes on the channel of source 004.
pub(crate) async fn publish(connection: &mut MultiplexedConnection, message: &[u8]) {
    connection.publish(STREAM, message).await.unwrap();
}

/// Everything in a stream.
pub(crate) async fn entries(connection: &mut MultiplexedConnection, stream: &str) -> Vec<StreamId> {
    let reply: StreamRangeReply = redis::cmd("XRANGE")
        .arg(stream)
        .arg("-")
        .arg("+")
        .query_async(connection)
        .await
        .unwrap();
    reply.ids
}
