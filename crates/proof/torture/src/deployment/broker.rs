//! A RabbitMQ server of the run's own, on storage that outlives it, behind a wire that can be disturbed.

use crate::error::Error;
use std::{path::Path, time::Duration};
use testkit::{BrokerServer, Wire};

/// Starts a server: `rabbitmq PORT DIR`.
const SCRIPT: &str = "scripts/broker-for-tests";

/// Takes commands for the processes.
pub(crate) struct Broker {
    /// For the clients: straight to the server.
    pub(crate) url: String,
    /// For the processes: through the wire.
    pub(super) wired_url: String,
    pub(super) wire: Wire,
    server: BrokerServer,
}

impl Broker {
    pub(super) async fn start(home: &Path) -> Result<Self, Error> {
        let failed = |error: std::io::Error| Error::at("start RabbitMQ", error);
        let place = home.join("rabbitmq");
        std::fs::create_dir_all(&place).map_err(failed)?;
        let mut server = BrokerServer::new("rabbitmq", Path::new(SCRIPT), &place).map_err(failed)?;
        let advice = format!("start {SCRIPT}: run it from the root of the repository");
        server.start().map_err(|error| Error::at(advice, error))?;
        let address = format!("127.0.0.1:{}", server.port());
        let wire = Wire::to(address.clone()).await.map_err(failed)?;
        let url = |place: &str| format!("amqp://guest:guest@{place}/%2f");
        Ok(Self {
            url: url(&address),
            wired_url: url(&wire.address().to_string()),
            wire,
            server,
        })
    }

    /// Ends it at once and starts it again on its storage.
    pub(crate) async fn kill(&mut self, away: Duration) -> Result<(), Error> {
        self.server.kill();
        tokio::time::sleep(away).await;
        let started = self.server.start();
        started.map_err(|error| Error::at("start RabbitMQ again", error))
    }

    /// What it said last.
    pub(super) fn output(&self) -> String {
        self.server.output()
    }
}
