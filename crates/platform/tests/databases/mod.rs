//! A real PostgreSQL, and how its owner talks to it: for every test binary that needs one.

use kernel::Tasks;
use std::{path::PathBuf, time::Duration};
use tempfile::TempDir;
use testkit::DatabaseServer;
use tokio_postgres::{Client, NoTls};

/// How long a server may take to be made on a slow, loaded machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// A server with its data in a folder that goes away with it.
pub(crate) struct Database {
    server: DatabaseServer,
    tasks: Tasks,
    _directory: TempDir,
}

impl Database {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgresql-for-tests");
        let mut server = DatabaseServer::new(&script, directory.path()).unwrap();
        server.start().unwrap();
        let database = Self {
            server,
            tasks: Tasks::new(),
            _directory: directory,
        };
        database.client().await;
        database
    }

    /// Where it is, with its credentials.
    pub(crate) fn address(&self) -> String {
        self.server.address()
    }

    /// A connection of its owner.
    pub(crate) async fn client(&self) -> Client {
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
