use crate::{dice::Dice, error::Error};
use bson::{Document, doc};
use mongodb::Client;
use std::path::Path;
use testkit::Wire;

/// A database of its own on the MongoDB server of the tests, behind a wire.
pub(crate) struct Database {
    /// For the processes: through the wire, under a name of its own.
    pub(crate) url: String,
    pub(crate) wire: Wire,
    /// For the harness itself: straight to the server.
    client: Client,
    name: String,
}

impl Database {
    pub(crate) async fn new(home: &Path) -> Result<Self, Error> {
        let server = std::env::var("TEST_MONGODB_URI").map_err(|_| {
            Error::at(
                "find a MongoDB server",
                "TEST_MONGODB_URI is not set: export \"$(scripts/mongodb-for-tests start)\"",
            )
        })?;
        let name: String = home
            .file_name()
            .map(|name| {
                name.to_string_lossy()
                    .replace(|letter: char| !letter.is_alphanumeric(), "_")
            })
            .unwrap_or_default();
        let name = format!("torture_{name}");
        let host = host_of(&server).ok_or_else(|| Error::at("read TEST_MONGODB_URI", "it names no host"))?;
        let wire = Wire::to(host)
            .await
            .map_err(|error| Error::at("lay a wire", error))?;
        let client = Client::with_uri_str(&server)
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

    /// Nothing fails any more.
    pub(crate) async fn heal(&self) -> Result<(), Error> {
        let command = doc! { "configureFailPoint": "failCommand", "mode": "off" };
        self.run(command).await
    }

    async fn configure(&self, mode: Document, data: Document) -> Result<(), Error> {
        self.run(doc! { "configureFailPoint": "failCommand", "mode": mode, "data": data })
            .await
    }

    async fn run(&self, command: Document) -> Result<(), Error> {
        let done = self.client.database("admin").run_command(command).await;
        done.map(drop).map_err(|error| {
            Error::at(
                "set a fail point of MongoDB (start it with --enable-test-commands)",
                error,
            )
        })
    }

    /// Throws the data away.
    pub(crate) async fn drop_data(&self) {
        let _ = self.data().drop().await;
    }
}

/// The first host of an address, with its port.
fn host_of(uri: &str) -> Option<String> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let first = authority.rsplit('@').next()?.split(',').next()?;
    Some(first.to_owned())
}
