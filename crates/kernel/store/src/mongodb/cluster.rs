//! Connecting: one client and one change stream for all groups of a process.

use super::{MongoBackend, changes::Changes, failure, names};
use crate::StoreError;
use bson::{Document, doc};
use kernel::Clock;
use mongodb::{
    Client, Database,
    error::{Error, ErrorKind},
    options::{Acknowledgment, ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern},
};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{
    runtime::{Handle, Id},
    sync::Mutex,
    time::timeout,
};

/// The wire version of MongoDB 5.0, the oldest that this is written for.
const OLDEST_WIRE_VERSION: i32 = 13;

/// How long a write waits for the majority before its outcome counts as unknown.
const MAJORITY_WITHIN: Duration = Duration::from_secs(10);

/// How to connect. What the address says (`maxPoolSize`, `minPoolSize`, `appName`, time limits) goes first.
#[derive(Debug, Clone)]
pub struct MongoOptions {
    /// The kernel runtime: it owns the connections, and every operation runs on it.
    pub runtime: Handle,
    /// The most connections to one server.
    pub max_pool_size: u32,
    /// Connections that are kept open even when there is nothing to do.
    pub min_pool_size: u32,
    /// How long a server may be away before an operation fails.
    pub patience: Duration,
}

impl MongoOptions {
    /// The defaults: at most 30 connections, none kept, 5 seconds.
    pub fn on(runtime: Handle) -> Self {
        Self {
            runtime,
            max_pool_size: 30,
            min_pool_size: 0,
            patience: Duration::from_secs(5),
        }
    }
}

/// One database of a MongoDB deployment, shared by the groups of a process.
#[derive(Debug)]
pub struct MongoCluster {
    client: Client,
    database: Database,
    place: String,
    runtime: Handle,
    changes: Changes,
}

/// A connection of the process that several groups may use.
struct Shared {
    url: String,
    runtime: Id,
    cluster: Weak<MongoCluster>,
}

impl MongoCluster {
    /// Connects to `mongodb://…` or `mongodb+srv://…`; the path names the database, `wealthos` when there is none.
    /// Refused with one line for the operator when no server answers in time, or when it has no transactions.
    pub async fn connect(url: &str, options: MongoOptions) -> Result<Arc<Self>, StoreError> {
        let runtime = options.runtime.clone();
        let url = url.to_owned();
        runtime
            .spawn(connect(url, options))
            .await
            .map_err(StoreError::unavailable)?
    }

    /// The connection that this process already has to the same address from the same runtime, or a new one: all
    /// groups share its pool and its change stream. The options of the first one count.
    pub async fn shared(url: &str, options: MongoOptions) -> Result<Arc<Self>, StoreError> {
        static SHARED: Mutex<Vec<Shared>> = Mutex::const_new(Vec::new());
        let runtime = options.runtime.id();
        let mut shared = SHARED.lock().await;
        shared.retain(|known| known.cluster.strong_count() > 0);
        let same = shared
            .iter()
            .filter(|known| known.runtime == runtime && known.url == url)
            .find_map(|known| known.cluster.upgrade());
        if let Some(cluster) = same {
            return Ok(cluster);
        }
        let cluster = Self::connect(url, options).await?;
        shared.push(Shared {
            url: url.to_owned(),
            runtime,
            cluster: Arc::downgrade(&cluster),
        });
        Ok(cluster)
    }

    /// The namespace of one group; the clock dates its migrations.
    pub fn group(self: &Arc<Self>, group: &'static str, clock: Arc<dyn Clock>) -> Arc<MongoBackend> {
        Arc::new(MongoBackend::new(self.clone(), group, clock))
    }

    /// Engine, hosts and database in one line, without secrets.
    pub fn describe(&self) -> String {
        format!("mongodb {}", self.place)
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(super) fn changes(&self) -> &Changes {
        &self.changes
    }
}

async fn connect(url: String, options: MongoOptions) -> Result<Arc<MongoCluster>, StoreError> {
    let patience = options.patience;
    let settings = match timeout(patience, ClientOptions::parse(&url)).await {
        Ok(Ok(settings)) => apply(settings, &options),
        Ok(Err(cause)) => return Err(bad_address(&url, &cause)),
        Err(_) => {
            return Err(StoreError::refused(
                "the name in DATABASE_URL was not resolved in time",
            ));
        }
    };
    let hosts: Vec<String> = settings.hosts.iter().map(ToString::to_string).collect();
    let hosts = hosts.join(",");
    let name = settings
        .default_database
        .clone()
        .unwrap_or_else(|| names::DEFAULT_DATABASE.to_owned());
    let client = Client::with_options(settings).map_err(|cause| bad_address(&url, &cause))?;
    let database = client.database(&name);
    let hello = timeout(
        patience + Duration::from_secs(1),
        database.run_command(doc! { "hello": 1 }),
    );
    match hello.await {
        Ok(Ok(answer)) => check_server(&hosts, &answer)?,
        Ok(Err(cause)) => return Err(no_answer(&hosts, patience, &cause)),
        Err(_) => return Err(unreachable(&hosts, patience)),
    }
    Ok(Arc::new(MongoCluster {
        changes: Changes::of(database.clone(), options.runtime.clone()),
        client,
        database,
        place: format!("{hosts}/{name}"),
        runtime: options.runtime,
    }))
}

/// Majority reads and writes on the primary whatever the address says; pool and time limits as the address says.
fn apply(mut settings: ClientOptions, options: &MongoOptions) -> ClientOptions {
    settings.app_name.get_or_insert_with(|| "wealthos".to_owned());
    settings.max_pool_size.get_or_insert(options.max_pool_size);
    settings.min_pool_size.get_or_insert(options.min_pool_size);
    settings.server_selection_timeout.get_or_insert(options.patience);
    settings.connect_timeout.get_or_insert(options.patience);
    settings.retry_reads = Some(true);
    settings.retry_writes = Some(true);
    settings.read_concern = Some(ReadConcern::majority());
    settings.write_concern = Some(durable());
    settings.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
    settings
}

/// A write counts when it is in the journal of a majority.
pub(super) fn durable() -> WriteConcern {
    WriteConcern::builder()
        .w(Acknowledgment::Majority)
        .journal(true)
        .w_timeout(MAJORITY_WITHIN)
        .build()
}

fn check_server(hosts: &str, hello: &Document) -> Result<(), StoreError> {
    let member = hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|kind| kind == "isdbgrid");
    if !member {
        return Err(StoreError::refused(format!(
            "MongoDB at {hosts} is a single server without transactions: start it with --replSet and initiate the \
             replica set"
        )));
    }
    if hello.get_i32("maxWireVersion").unwrap_or(0) < OLDEST_WIRE_VERSION {
        return Err(StoreError::refused(format!(
            "MongoDB at {hosts} is too old: 5.0 or newer is needed"
        )));
    }
    Ok(())
}

fn no_answer(hosts: &str, patience: Duration, cause: &Error) -> StoreError {
    match &*cause.kind {
        ErrorKind::Authentication { .. } | ErrorKind::Command(_) => failure::of_operator(cause),
        _ => unreachable(hosts, patience),
    }
}

fn unreachable(hosts: &str, patience: Duration) -> StoreError {
    StoreError::refused(format!(
        "MongoDB at {hosts} did not answer within {} s: is it running, and is DATABASE_URL right?",
        patience.as_secs()
    ))
}

/// The driver's reason, without the password if it repeats it.
fn bad_address(url: &str, cause: &Error) -> StoreError {
    let mut reason = match &*cause.kind {
        ErrorKind::InvalidArgument { message, .. } | ErrorKind::DnsResolve { message, .. } => message.clone(),
        other => other.to_string(),
    };
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    if let Some((user, _)) = authority.rsplit_once('@') {
        reason = reason.replace(user, "***");
        if let Some((_, password)) = user.split_once(':').filter(|(_, password)| !password.is_empty()) {
            reason = reason.replace(password, "***");
        }
    }
    StoreError::refused(format!("DATABASE_URL is not a usable MongoDB address: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_transactions_is_refused() {
        let refusal =
            |hello: Document| check_server("db.example.com:27017", &hello).map_err(|error| error.to_string());
        assert!(refusal(doc! { "setName": "rs0", "maxWireVersion": 21 }).is_ok());
        assert!(refusal(doc! { "msg": "isdbgrid", "maxWireVersion": 21 }).is_ok());
        for hello in [
            doc! { "maxWireVersion": 21 },
            doc! { "setName": "rs0", "maxWireVersion": 9 },
        ] {
            assert!(refusal(hello).unwrap_err().contains("db.example.com:27017"));
        }
    }

    #[tokio::test]
    async fn the_address_sets_the_pool_and_never_the_durability() {
        let url = "mongodb://h/?maxPoolSize=7&w=1&readPreference=secondary&readConcernLevel=local&retryWrites=false";
        let options = MongoOptions {
            min_pool_size: 3,
            ..MongoOptions::on(Handle::current())
        };
        let settings = apply(ClientOptions::parse(url).await.unwrap(), &options);
        assert_eq!(
            (settings.min_pool_size, settings.max_pool_size),
            (Some(3), Some(7))
        );
        assert_eq!(settings.write_concern, Some(durable()));
        assert_eq!(settings.read_concern, Some(ReadConcern::majority()));
        assert_eq!(settings.retry_writes, Some(true));
        let settings = apply(ClientOptions::parse("mongodb://h/").await.unwrap(), &options);
        assert_eq!(settings.max_pool_size, Some(30));
    }
}
