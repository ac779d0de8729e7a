use crate::broker::BrokerServer;
use kernel::Tasks;
use std::{io, path::PathBuf, time::Duration};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// How long a server may take to be made on a slow, loaded machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// A real PostgreSQL, and how its owner talks to it. Its data lies in a folder that goes away with it.
pub struct Database {
    server: BrokerServer,
    tasks: Tasks,
    directory: TempDir,
}

impl Database {
    /// Starts a server and waits until it lets somebody in: seconds.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../scripts/postgresql-for-tests");
        let mut server = BrokerServer::new("postgresql", &script, directory.path()).unwrap();
        server.is_named = false;
        server.start().unwrap();
        let database = Self {
            server,
            tasks: Tasks::new(),
            directory,
        };
        database.client().await;
        database
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Starts it on the data that it has.
    pub fn start_again(&mut self) -> io::Result<()> {
        self.server.start()
    }

    /// Where it is, with its credentials.
    pub fn address(&self) -> String {
        self.address_at("127.0.0.1")
    }

    /// The same, under another name of this machine.
    pub fn address_at(&self, host: &str) -> String {
        format!("postgresql://wealth:wealth@{host}:{}/wealth", self.server.port())
    }

    /// The certificate that it shows, of `localhost`, signed by itself.
    pub fn certificate(&self) -> PathBuf {
        self.directory.path().join("data/cluster/server.crt")
    }

    /// A connection of its owner.
    pub async fn client(&self) -> Client {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            match tokio_postgres::connect(&self.address(), NoTls).await {
                Ok((client, connection)) => {
                    drop(self.tasks.spawn(async move {
                        let _ = connection.await;
                    }));
                    return client;
                }
                Err(error) => assert!(
                    tokio::time::Instant::now() < end,
                    "no PostgreSQL within {PATIENCE:?}: {error}: {}",
                    self.server.output()
                ),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
