use bridge::BrokerError;
use lapin::{Channel, Connection, ConnectionProperties, options::ConfirmSelectOptions};
use runtime::settings::BrokerUrl;
use std::time::Duration;

/// How long the broker may take to let us in, and out.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection and its one channel, on which the broker confirms what is published.
pub(crate) struct Connected {
    pub(crate) connection: Connection,
    pub(crate) channel: Channel,
}

pub(crate) async fn connect(url: &BrokerUrl, name: &str) -> Result<Connected, BrokerError> {
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let connecting = async {
        let connection = Connection::connect(url.expose(), properties).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok::<_, lapin::Error>(Connected { connection, channel })
    };
    Ok(tokio::time::timeout(PATIENCE, connecting).await??)
}

impl Connected {
    pub(crate) async fn close(self) {
        // Whatever it answers: the broker brings again what was not confirmed.
        let closing = self.connection.close(200, "the process stops".into());
        let _ = tokio::time::timeout(PATIENCE, closing).await;
    }
}
