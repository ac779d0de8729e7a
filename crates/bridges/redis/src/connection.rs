use bridge::BrokerError;
use redis::{AsyncConnectionConfig, Client, aio::MultiplexedConnection};
use runtime::settings::BrokerUrl;
use std::time::Duration;

/// How long one read waits for something new.
pub(crate) const BLOCK: Duration = Duration::from_secs(2);

/// How long the server may take to let us in.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn client(url: &BrokerUrl) -> Result<Client, BrokerError> {
    Ok(Client::open(url.expose())?)
}

/// A connection of its own: a read that waits holds up everything behind it.
pub(crate) async fn connect(url: &BrokerUrl) -> Result<MultiplexedConnection, BrokerError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(BLOCK + PATIENCE));
    let client = client(url)?;
    Ok(client
        .get_multiplexed_async_connection_with_config(&config)
        .await?)
}
