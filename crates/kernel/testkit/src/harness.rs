use crate::TestServer;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{
    CallContext, GroupInfo, IdSource, ManualClock, Principal, Role, Sources, SystemEntropy, Tasks, TenantId,
    UserId, UserPrincipal,
};
use rpc::{Dispatch, Seam};
use runtime::{Settings, metrics::Registry};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use store::{Collection, Keyring, OpenOptions, PoolSizes, Store, StoreUrl, open_store};
use tempfile::TempDir;
use trust::{
    HopSeal, OnStale, Revocations, ServiceIdentity, ServiceKeys, ServiceSecret, ServiceTokens,
    ServiceVerifier, Speakers, TokenIssuer, TokenKeys, TokenVerifier,
};
use web::{Health, HealthSource, Listeners, Mount, Readiness, Shell, ShellParts};

/// When the clock of a fresh harness stands: a Thursday noon in India.
const START: &str = "2026-01-15T06:30:00Z";

/// Everything that a test of a group needs beside the group. Its directory goes away with it.
pub struct Harness {
    /// The clock; it moves only when told to.
    pub clock: Arc<ManualClock>,
    /// That clock, and real randomness.
    pub sources: Sources,
    /// Tracked tasks.
    pub tasks: Tasks,
    /// Metrics.
    pub registry: Registry,
    /// How the shell is to run; rate limits are off.
    pub settings: Settings,
    /// What access tokens are signed with: a secret.
    pub token_keys: Arc<TokenKeys>,
    /// Mints access tokens.
    pub issuer: TokenIssuer,
    /// Proves them; its revocations start fresh and empty.
    pub verifier: Arc<TokenVerifier>,
    /// What processes prove themselves to each other with.
    pub service_keys: Arc<ServiceKeys>,
    /// Opens and makes the seals of forwarded requests.
    pub hops: Arc<HopSeal>,
    /// Encrypts sensitive fields.
    pub keyring: Arc<Keyring>,
    directory: TempDir,
    database: Option<String>,
}

/// A user who is logged in, without an auth group behind it.
#[derive(Debug, Clone)]
pub struct Login {
    /// Who.
    pub principal: UserPrincipal,
    /// The access token.
    pub token: String,
}

impl Login {
    /// The user's id.
    pub fn user(&self) -> UserId {
        self.principal.user
    }

    /// The context of a call that this user makes.
    pub fn context(&self, ids: &IdSource) -> CallContext {
        CallContext::at_edge(Principal::User(self.principal.clone()), ids.next(), None)
    }
}

impl Default for Harness {
    fn default() -> Self {
        Self::new()
    }
}

impl Harness {
    /// A fresh harness.
    pub fn new() -> Self {
        let start: DateTime<Utc> = START.parse().unwrap();
        let clock = Arc::new(ManualClock::at(start));
        let sources = Sources::new(clock.clone(), Arc::new(SystemEntropy));
        let secret = SecretString::from("a secret for tests that is long enough 0123456789");
        let keys = Arc::new(TokenKeys::new(&secret, &[]).unwrap());
        let mut settings = Settings::default();
        settings.server.port = 0;
        settings.server.metrics_port = Some(0);
        settings.server.workers = 1;
        settings.limits.enabled = false;
        let auth = &settings.auth;
        let issuer = TokenIssuer::new(keys.clone(), &auth.issuer, &auth.audience, sources.clone());
        let revocations = Arc::new(Revocations::new());
        revocations.set_fresh(true);
        let verifier = Arc::new(TokenVerifier::new(
            keys.clone(),
            &auth.issuer,
            &auth.audience,
            clock.clone(),
            revocations,
            OnStale::Accept,
        ));
        let shared = ServiceSecret::new(&secret, &[]).unwrap();
        let service_keys = Arc::new(ServiceKeys::shared(&shared).unwrap());
        let hops = Arc::new(HopSeal::new(&shared, clock.clone()).unwrap());
        let keyring = Arc::new(Keyring::new(&[("test".to_owned(), [7; 32])]).unwrap());
        let directory = tempfile::tempdir().unwrap();
        settings.server.data_dir = directory.path().to_owned();
        Self {
            clock,
            sources,
            tasks: Tasks::new(),
            registry: Registry::new(),
            settings,
            token_keys: keys,
            issuer,
            verifier,
            service_keys,
            hops,
            keyring,
            directory,
            database: None,
        }
    }

    /// A fresh harness whose stores lie in a database of their own on the MongoDB server at `TEST_MONGODB_URI`.
    pub fn on_mongodb() -> Self {
        let harness = Self::new();
        let random = u128::from_le_bytes(harness.sources.random());
        Self {
            database: Some(format!("wealthos_test_{random:032x}")),
            ..harness
        }
    }

    /// The directory in which the stores lie.
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Opens the store of a group, on SQLite unless the harness says otherwise. Opening it again gives another handle on
    /// the same data.
    pub async fn store(&self, group: &'static str, collections: Vec<&'static Collection>) -> Store {
        let options = OpenOptions {
            group,
            url: match &self.database {
                Some(database) => StoreUrl::Mongodb(mongodb_url(database)),
                None => StoreUrl::parse(None, self.directory.path()).unwrap(),
            },
            collections,
            keyring: self.keyring.clone(),
            sources: self.sources.clone(),
            runtime: tokio::runtime::Handle::current(),
            readers: None,
            pool: PoolSizes::default(),
        };
        open_store(options).await.unwrap()
    }

    /// A seam whose calls are counted in this harness's registry.
    pub fn seam(&self) -> Seam {
        self.registry
            .with(|registry| Seam::new(self.tasks.clone(), registry))
    }

    /// Somebody new of the default firm, in this role.
    pub fn log_in(&self, role: Role) -> Login {
        self.log_in_to(role, TenantId::DEFAULT)
    }

    /// Somebody new of any firm, in this role.
    pub fn log_in_to(&self, role: Role, tenant: TenantId) -> Login {
        let ids = self.sources.ids();
        self.log_in_as(UserPrincipal {
            user: ids.next(),
            role,
            tenant,
            session: ids.next(),
            role_version: 1,
            impersonator: None,
            scopes: None,
        })
    }

    /// A given user. The token lives for five minutes of the harness's clock.
    pub fn log_in_as(&self, principal: UserPrincipal) -> Login {
        let token = self
            .issuer
            .issue(&principal, self.sources.now(), TimeDelta::minutes(5))
            .unwrap();
        Login {
            principal,
            token: token.token.expose_secret().to_owned(),
        }
    }

    /// The context of a group acting for itself in the default firm.
    pub fn system(&self, group: &str) -> CallContext {
        CallContext::system(group, TenantId::DEFAULT, self.sources.ids())
    }

    /// The service tokens of a process that runs one group.
    pub fn service_tokens(&self, group: &'static GroupInfo) -> ServiceTokens {
        ServiceTokens::new(
            self.service_keys.clone(),
            ServiceIdentity::of_groups([group.name]),
            Speakers::of_groups([group]),
            self.sources.clone(),
        )
    }

    /// Serves the mounts through the real shell on a free port.
    pub fn serve(&self, mounts: Vec<Mount>) -> TestServer {
        self.serve_calls(mounts, Vec::new(), &[])
    }

    /// The same, with contracts that processes of these groups may call at `/rpc`.
    pub fn serve_calls(
        &self,
        mounts: Vec<Mount>,
        calls: Vec<Arc<dyn Dispatch>>,
        callers: &[&'static GroupInfo],
    ) -> TestServer {
        let services = ServiceVerifier::new(
            self.service_keys.clone(),
            Speakers::of_groups(callers.iter().copied()),
            self.clock.clone(),
            self.verifier.revocations().clone(),
            OnStale::Accept,
        );
        let shell = Shell::new(ShellParts {
            settings: self.settings.clone(),
            verifier: self.verifier.clone(),
            services: Arc::new(services),
            hops: self.hops.clone(),
            calls,
            contracts: Vec::new(),
            registry: self.registry.clone(),
            mounts,
            sources: self.sources.clone(),
            tasks: self.tasks.clone(),
            health: Arc::new(AlwaysWell),
            forward: Arc::default(),
        })
        .unwrap();
        let listeners = Listeners::bind(&self.settings.server).unwrap();
        TestServer::new(shell.serve(listeners).unwrap())
    }
}

/// The address of a database of the server for tests.
fn mongodb_url(database: &str) -> String {
    let uri = std::env::var("TEST_MONGODB_URI").expect(
        "TEST_MONGODB_URI names no MongoDB server, and tests on MongoDB are never skipped: \
         run `export \"$(scripts/mongodb-for-tests start)\"` first",
    );
    let (scheme, rest) = uri.split_once("://").unwrap();
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let hosts = place.split_once('/').map_or(place, |(hosts, _)| hosts);
    format!("{scheme}://{hosts}/{database}?{parameters}")
}

/// The health of a process that consists of a test.
struct AlwaysWell;

#[async_trait::async_trait]
impl HealthSource for AlwaysWell {
    async fn health(&self) -> Health {
        Health {
            operational: true,
            details: serde_json::json!({ "system_status": "operational" }),
        }
    }

    async fn ready(&self) -> Readiness {
        Readiness {
            ready: true,
            ..Readiness::default()
        }
    }
}
