//! A MongoDB server of the run's own: the one that stands in for MongoDB in the tests, on storage that outlives it.

use crate::{error::Error, report::say};
use bson::doc;
use mongodb::Client;
use std::{
    fs::OpenOptions,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    process::{Child, Command},
    sync::Mutex,
    task::JoinSet,
};

/// Starts a server: `serve PORT DIR`.
const SCRIPT: &str = "scripts/mongodb-for-tests";
/// The first start may have to install it.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often it is looked after.
const LOOK: Duration = Duration::from_secs(2);
/// A server that does not commit a transaction within this time, so often one after the other, will not do so any more.
const ANSWERS_WITHIN: Duration = Duration::from_secs(8);
const UNANSWERED: u32 = 3;

/// The server, watched: when it does not answer any more it is started again on its storage, and that is said.
pub(super) struct Server {
    /// As in `127.0.0.1:27017`.
    pub(super) host: String,
    process: Arc<Mutex<Process>>,
    restarts: Arc<AtomicU64>,
    _watching: JoinSet<()>,
}

struct Process {
    port: u16,
    storage: PathBuf,
    log: PathBuf,
    child: Option<Child>,
}

impl Server {
    /// Starts it on empty storage below this directory.
    pub(super) async fn start(home: &Path) -> Result<Self, Error> {
        let failed = |error: std::io::Error| Error::at("start a MongoDB server", error);
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|socket| socket.local_addr())
            .map_err(failed)?
            .port();
        let storage = home.join("mongodb");
        std::fs::create_dir_all(&storage).map_err(failed)?;
        let mut process = Process {
            port,
            storage,
            log: home.join("mongodb.log"),
            child: None,
        };
        process.start()?;
        let host = format!("127.0.0.1:{port}");
        let client = Client::with_uri_str(format!("mongodb://{host}/?directConnection=true"))
            .await
            .map_err(|error| Error::at("connect to MongoDB", error))?;
        let end = Instant::now() + PATIENCE;
        while !answers(&client).await {
            if Instant::now() > end || process.has_ended() {
                let log = std::fs::read_to_string(&process.log).unwrap_or_default();
                return Err(Error::at("see the MongoDB server ready", log));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (process, restarts) = (Arc::new(Mutex::new(process)), Arc::new(AtomicU64::new(0)));
        let mut watching = JoinSet::new();
        watching.spawn(watch(client, process.clone(), restarts.clone()));
        Ok(Self {
            host,
            process,
            restarts,
            _watching: watching,
        })
    }

    /// How often it was started again because it did not answer any more.
    pub(super) fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// Ends it at once and starts it again.
    pub(super) async fn kill(&self, away: Duration) -> Result<(), Error> {
        let mut process = self.process.lock().await;
        process.kill().await?;
        tokio::time::sleep(away).await;
        process.start()
    }
}

impl Process {
    fn start(&mut self) -> Result<(), Error> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log);
        let log = log.map_err(|error| Error::at("open the log of the MongoDB server", error))?;
        let child = Command::new(SCRIPT)
            .arg("serve")
            .arg(self.port.to_string())
            .arg(&self.storage)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn();
        let advice =
            format!("start {SCRIPT}: run it from the root of the repository, or set TEST_MONGODB_URI");
        self.child = Some(child.map_err(|error| Error::at(advice, error))?);
        Ok(())
    }

    async fn kill(&mut self) -> Result<(), Error> {
        match self.child.take() {
            Some(mut child) => {
                let killed = child.kill().await;
                killed.map_err(|error| Error::at("kill the MongoDB server", error))
            }
            None => Ok(()),
        }
    }

    fn has_ended(&mut self) -> bool {
        self.child
            .as_mut()
            .is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
    }
}

async fn watch(client: Client, process: Arc<Mutex<Process>>, restarts: Arc<AtomicU64>) {
    let mut unanswered = 0;
    loop {
        tokio::time::sleep(LOOK).await;
        let mut ended = false;
        match answers(&client).await {
            true => unanswered = 0,
            false => {
                unanswered += 1;
                ended = process.lock().await.has_ended();
            }
        }
        if unanswered < UNANSWERED && !ended {
            continue;
        }
        say("  the MongoDB server of the tests does not answer any more: it is started again on its storage");
        restarts.fetch_add(1, Ordering::Relaxed);
        unanswered = 0;
        let mut process = process.lock().await;
        if let Err(error) = process.kill().await.and_then(|()| process.start()) {
            crate::report::complain(&error);
            return;
        }
    }
}

/// Whether it commits a transaction: others that stand in its way would show.
async fn answers(client: &Client) -> bool {
    let commit = async {
        let mut session = client.start_session().await?;
        session.start_transaction().await?;
        let kept = client
            .database("torture_watch")
            .collection::<bson::Document>("kept");
        kept.update_one(doc! { "_id": 1 }, doc! { "$inc": { "looks": 1_i64 } })
            .upsert(true)
            .session(&mut session)
            .await?;
        session.commit_transaction().await
    };
    matches!(tokio::time::timeout(ANSWERS_WITHIN, commit).await, Ok(Ok(())))
}
