use super::server::Server;
use crate::{dice::Dice, error::Error};
use bson::{Document, doc};
use mongodb::Client;
use std::{
    path::Path,
    time::{Duration, Instant},
};
use store::MONGODB_COMMANDS;
use testkit::Wire;

/// What the server that stands in for MongoDB in the tests calls its replica set.
const STAND_IN: &str = "secantus";
/// How long a server of the run's own may take to start again.
const PATIENCE: Duration = Duration::from_secs(60);

/// A database of its own on a MongoDB server, behind a wire: on the server at TEST_MONGODB_URI where that is a real one, else on
/// a server that the run has to itself, because the stand-in can stop answering.
pub(crate) struct Database {
    /// For the processes: through the wire, under a name of its own.
    pub(crate) url: String,
    pub(crate) wire: Wire,
    /// For the harness itself: straight to the server.
    client: Client,
    name: String,
    /// None where the server is somebody else's.
    server: Option<Server>,
}

impl Database {
    pub(crate) async fn new(home: &Path) -> Result<Self, Error> {
        let (uri, server) = match real_server().await? {
            Some(uri) => (uri, None),
            None => {
                let server = Server::start(home).await?;
                let uri = format!("mongodb://{}/?directConnection=true", server.host);
                (uri, Some(server))
            }
        };
        let name: String = home
            .file_name()
            .map(|name| {
                name.to_string_lossy()
                    .replace(|letter: char| !letter.is_alphanumeric(), "_")
            })
            .unwrap_or_default();
        let name = format!("torture_{name}");
        let host = host_of(&uri).ok_or_else(|| Error::at("read TEST_MONGODB_URI", "it names no host"))?;
        let wire = Wire::hearing_commands(host)
            .await
            .map_err(|error| Error::at("lay a wire", error))?;
        let client = Client::with_uri_str(&uri)
            .await
            .map_err(|error| Error::at("connect to MongoDB", error))?;
        Ok(Self {
            url: format!(
                "mongodb://{}/{name}?directConnection=true&appName={name}",
                wire.address()
            ),
            wire,
            client,
            name,
            server,
        })
    }

    /// The data, as it is.
    pub(crate) fn data(&self) -> mongodb::Database {
        self.client.database(&self.name)
    }

    /// Makes the server fail the next commands of this run's processes; answers how.
    pub(crate) async fn fail(&self, dice: &Dice) -> Result<&'static str, Error> {
        let times = i64::try_from(dice.within(1..6)).unwrap_or(1);
        let transient = || doc! { "errorCode": 112, "errorLabels": ["TransientTransactionError"] };
        let kinds = [
            (
                "not primary",
                "insert",
                doc! { "errorCode": 10107, "errorLabels": ["RetryableWriteError"] },
            ),
            (
                "not primary",
                "commitTransaction",
                doc! { "errorCode": 10107, "errorLabels": ["RetryableWriteError"] },
            ),
            ("write conflict", "insert", transient()),
            ("write conflict", "commitTransaction", transient()),
            (
                "error after the commit",
                "commitTransaction",
                doc! { "writeConcernError": { "code": 91, "errmsg": "the node is shutting down" } },
            ),
            (
                "connection cut before the commit",
                "commitTransaction",
                doc! { "closeConnection": true },
            ),
            ("connection cut", "find", doc! { "closeConnection": true }),
        ];
        let Some((name, command, data)) = dice.pick(&kinds) else {
            return Ok("nothing");
        };
        let mut data = data.clone();
        data.insert("failCommands", vec![*command]);
        data.insert("appName", self.name.as_str());
        self.configure(doc! { "times": times }, data).await?;
        Ok(name)
    }

    /// Kills the server and starts it again on its storage; answers whether it is the run's own, so that it may be killed.
    pub(crate) async fn kill_server(&self, away: Duration) -> Result<bool, Error> {
        match &self.server {
            Some(server) => server.kill(away).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Commands that the processes have sent and that are not on the list of those that they may send.
    pub(crate) fn foreign_commands(&self) -> Vec<String> {
        let sent = self.wire.commands().into_iter();
        sent.filter(|command| !MONGODB_COMMANDS.contains(&command.as_str()))
            .map(|command| format!("MongoDB was sent {command}, which is not on the list"))
            .collect()
    }

    /// How often the server was started again because it did not answer any more.
    pub(crate) fn restarts(&self) -> u64 {
        self.server.as_ref().map_or(0, Server::restarts)
    }

    /// Nothing fails any more.
    pub(crate) async fn heal(&self) -> Result<(), Error> {
        let command = doc! { "configureFailPoint": "failCommand", "mode": "off" };
        self.run(command).await
    }

    async fn configure(&self, mode: Document, data: Document) -> Result<(), Error> {
        self.run(doc! { "configureFailPoint": "failCommand", "mode": mode, "data": data })
            .await
    }

    /// A command of the harness itself. A server of the run's own may be starting again just now, which is waited for.
    async fn run(&self, command: Document) -> Result<(), Error> {
        let end = Instant::now() + PATIENCE;
        loop {
            let error = match self.client.database("admin").run_command(command.clone()).await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            if self.server.is_none() || !is_away(&error) || Instant::now() > end {
                let advice = "set a fail point of MongoDB (start it with --enable-test-commands)";
                return Err(Error::at(advice, error));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Throws the data away.
    pub(crate) async fn drop_data(&self) {
        let _ = self.data().drop().await;
    }
}

/// The server at TEST_MONGODB_URI, unless that is the stand-in.
async fn real_server() -> Result<Option<String>, Error> {
    let Ok(uri) = std::env::var("TEST_MONGODB_URI") else {
        return Ok(None);
    };
    let failed = |error| Error::at("connect to the server at TEST_MONGODB_URI", error);
    let client = Client::with_uri_str(&uri).await.map_err(failed)?;
    let admin = client.database("admin");
    let hello = admin.run_command(doc! { "hello": 1 }).await.map_err(failed)?;
    let is_stand_in = hello.get_str("setName").is_ok_and(|name| name == STAND_IN);
    Ok((!is_stand_in).then_some(uri))
}

/// Whether nobody was there to take the command.
fn is_away(error: &mongodb::error::Error) -> bool {
    use mongodb::error::ErrorKind;
    matches!(
        *error.kind,
        ErrorKind::Io(_) | ErrorKind::ServerSelection { .. } | ErrorKind::ConnectionPoolCleared { .. }
    )
}

/// The first host of an address, with its port.
fn host_of(uri: &str) -> Option<String> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let first = authority.rsplit('@').next()?.split(',').next()?;
    Some(first.to_owned())
}
