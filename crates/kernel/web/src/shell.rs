use crate::{
    ForwardTable, HealthSource, Listeners, Mount, RunningServer,
    edge::{Edge, Services, sweep},
    extract::Budget,
    forward::{ForwardMetrics, Guarded},
    metrics::HttpMetrics,
    modules::Modules,
    mount::Described,
    openapi::{Document, Names},
    routes::RouteTable,
    seam::{self, Calls, ContractDocument},
    server,
    state::{Shared, Traffic},
    system,
};
use actix_web::http::Method;
use bytes::Bytes;
use kernel::{RateClass, Sources, Tasks};
use rpc::Dispatch;
use runtime::{Settings, metrics::Registry};
use std::{
    collections::HashMap,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};
use trust::{HopSeal, ServiceVerifier, TokenVerifier};

/// Why the shell cannot be built or does not listen. `Display` is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// Two groups, or a group and the shell, answer the same path.
    #[error("the group '{group}' mounts {path}, which is answered already: give it another path")]
    PathTaken {
        /// The group that came later.
        group: String,
        /// The path.
        path: String,
    },
    /// An operation id that is missing, taken or not the group's.
    #[error("the operation id '{id}' of {path} must be unique and begin with '{group}_'")]
    OperationId {
        /// The group.
        group: String,
        /// The path.
        path: String,
        /// The id.
        id: String,
    },
    /// A rate class for an operation that does not exist.
    #[error("the group '{group}' limits the operation '{id}', which it does not have")]
    Rate {
        /// The group.
        group: String,
        /// The id.
        id: String,
    },
    /// The committed description of a group cannot be read.
    #[error("the contract of the group '{group}' has an OpenAPI fragment that cannot be read: {source}")]
    Fragment {
        /// The group.
        group: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Two answer the same contract, or there are two documents of one group.
    #[error("the contract '{contract}' is answered already: offer it once")]
    ContractTaken {
        /// The name of the contract, or of the group whose document it is.
        contract: String,
    },
    /// The description cannot be written.
    #[error("the API description cannot be written: {0}")]
    Description(#[from] serde_json::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {}", listen_reason(source))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The address has no form that can be listened on.
    #[error("cannot listen on '{host}': it must be an IP address or localhost")]
    Host {
        /// What was given.
        host: String,
    },
    /// The workers could not be started.
    #[error("the server cannot be started: {0}")]
    Start(#[source] io::Error),
}

fn listen_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "the port is in use: stop the program that has it, or choose another with --port (METRICS_PORT for metrics)"
                .to_owned()
        }
        io::ErrorKind::PermissionDenied => "this user may not: choose a port above 1023".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine does not have the address: choose another with --host".to_owned(),
        _ => error.to_string(),
    }
}

/// What a shell is made of.
pub struct ShellParts {
    /// The settings.
    pub settings: Settings,
    /// Proves access tokens.
    pub verifier: Arc<TokenVerifier>,
    /// Proves the service tokens of other processes.
    pub services: Arc<ServiceVerifier>,
    /// Opens what other processes say of requests that they forward.
    pub hops: Arc<HopSeal>,
    /// The contracts that other processes may call here.
    pub calls: Vec<Arc<dyn Dispatch>>,
    /// The contract documents of the groups that answer here, by group: written when another process asks.
    pub contracts: Vec<(String, ContractDocument)>,
    /// Where metrics are kept.
    pub registry: Registry,
    /// What is served.
    pub mounts: Vec<Mount>,
    /// Time, ids and randomness.
    pub sources: Sources,
    /// The process's tasks.
    pub tasks: Tasks,
    /// Knows how the process is.
    pub health: Arc<dyn HealthSource>,
    /// Where each group is answered; the default forwards nothing.
    pub forward: Arc<ForwardTable>,
}

/// Everything that is served, ready to listen.
pub struct Shell {
    shared: Arc<Shared>,
    mounts: Vec<Mount>,
}

impl Shell {
    /// Puts the parts together; refuses mounts that contradict each other.
    pub fn new(parts: ShellParts) -> Result<Self, ShellError> {
        let groups: Vec<_> = parts.mounts.iter().map(|mount| mount.info).collect();
        let modules = Modules::only(&parts.settings.server.modules, &groups);
        let mut names = Names::default();
        let mut routes = RouteTable::default();
        let mut guarded = Guarded::default();
        // One group after the other: what a description is made of is gone before the next one comes.
        for mount in &parts.mounts {
            let described = mount.described()?;
            add_routes(&mut routes, &described)?;
            guarded.add(&described);
            names.take(described.info.name, &described.openapi)?;
        }
        names.take("system", &system::openapi())?;
        add_own_routes(&mut routes, parts.settings.server.docs);
        let forwarded = ForwardMetrics::new(&parts.registry);
        let shared = Arc::new(Shared {
            metrics: HttpMetrics::new(&parts.registry),
            services_at_root: Services::of(&groups, &modules),
            routes,
            edge: Edge::new(&parts.settings, parts.hops),
            document: Document::new(&parts.settings.http.title, parts.mounts.clone()),
            bodies: Budget::new(parts.settings.http.body_memory),
            settings: parts.settings,
            verifier: parts.verifier,
            services: parts.services,
            calls: Calls::new(parts.calls, parts.contracts)?,
            registry: parts.registry,
            sources: parts.sources,
            tasks: parts.tasks,
            health: parts.health,
            traffic: Arc::new(Traffic::default()),
            modules,
            forward: parts.forward,
            guarded,
            forwarded,
        });
        Ok(Self {
            shared,
            mounts: parts.mounts,
        })
    }

    /// The merged description of everything that is served, as JSON.
    pub fn openapi(&self) -> Result<Bytes, ShellError> {
        self.shared.openapi()
    }

    /// Serves on these listeners until it is stopped. Must run within a Tokio runtime.
    pub fn serve(self, listeners: Listeners) -> Result<RunningServer, ShellError> {
        self.shared.tasks.spawn(sweep(self.shared.clone()));
        server::start(self.shared, self.mounts, listeners)
    }

    /// Serves `/metrics`, `/ready` and `/health` on this listener and nothing else, until it is stopped.
    pub fn serve_status(self, listener: TcpListener) -> Result<RunningServer, ShellError> {
        server::start_status(self.shared, listener)
    }
}

/// The routes of a group and their rate classes.
fn add_routes(table: &mut RouteTable, mount: &Described) -> Result<(), ShellError> {
    let rates: HashMap<_, _> = mount.info.rates.iter().copied().collect();
    let items = mount.openapi.paths.paths.values();
    let known: Vec<&str> = items
        .flat_map(crate::routes::operations)
        .filter_map(|(_, operation)| operation.operation_id.as_deref())
        .collect();
    if let Some(id) = rates.keys().find(|id| !known.contains(id)) {
        return Err(ShellError::Rate {
            group: mount.info.name.to_owned(),
            id: (*id).to_owned(),
        });
    }
    table.add_all(Some(mount.info.name), &mount.openapi, |method, id| {
        let chosen = id.and_then(|id| rates.get(id)).copied();
        Some(chosen.unwrap_or_else(|| by_method(method)))
    });
    Ok(())
}

/// The routes of the shell itself.
fn add_own_routes(table: &mut RouteTable, docs: bool) {
    table.add_all(None, &system::openapi(), |_, _| None);
    seam::add_routes(table);
    let get = || vec![(Method::GET, None)];
    table.add("/openapi.json", get());
    if docs {
        table.add("/", get());
        table.add("/docs", get());
        table.add("/docs/{*}", get());
    }
}

fn by_method(method: &Method) -> RateClass {
    if method.is_safe() {
        RateClass::Read
    } else {
        RateClass::Write
    }
}
