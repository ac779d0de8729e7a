use crate::{outside::KnowsOneKey, world::PASSWORD};
use chrono::{DateTime, Utc};
use kernel::{ManualClock, Role, Sources, SystemEntropy, Tasks};
use platform::{Platform, PlatformParts, Program, RunningPlatform};
use runtime::{
    Settings,
    metrics::Registry,
    settings::{BridgeSettings, LimitSettings, ServerSettings, TokenAlgorithm},
};
use std::sync::Arc;
use tempfile::TempDir;
use testkit::MailServer;
use web::Listeners;

/// Who is there before anybody registers.
pub(crate) const ADMIN: &str = "admin@example.com";
/// What signs the tokens of every deployment.
pub(crate) const SECRET: &str = "a secret for tests that is long enough 0123456789";
/// When the clock of every deployment stands at the start: a Thursday noon in India.
const START: &str = "2026-01-15T06:30:00Z";

/// A way to cut the platform into processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topology {
    /// Every group in one process.
    Monolith,
    /// Every group in one process, every call between them over the wire, and twice where that may be.
    Loopback,
    /// Every group in a process of its own, behind the gateway.
    Split,
    /// A monolith that has one group elsewhere, in a process of its own.
    HybridWithout(&'static str),
}

/// What a scenario asks of a deployment beyond the ordinary.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    limits: Option<LimitSettings>,
    key_pairs: bool,
    platforms_away: bool,
    bridges: BridgeSettings,
    /// Whose word counts for where a request came from.
    proxies: Vec<String>,
    /// How often reports are sent while nothing changes.
    events_interval: Option<u64>,
}

impl Conditions {
    /// Nobody listens where outside platforms should be.
    pub(crate) fn platforms_away() -> Self {
        Self {
            platforms_away: true,
            ..Self::default()
        }
    }

    /// So few requests a minute that a place comes back after half a minute, when the test is long over.
    pub(crate) fn limited() -> Self {
        Self {
            limits: Some(LimitSettings {
                enabled: true,
                read_per_minute: 2,
                write_per_minute: 2,
                credential_per_minute: 1,
                transaction_per_minute: 1,
            }),
            ..Self::default()
        }
    }

    /// So few transactions a minute and address, behind a proxy on this machine that says where requests come from.
    pub(crate) fn limited_transactions(per_minute: u32) -> Self {
        Self {
            limits: Some(LimitSettings {
                enabled: true,
                read_per_minute: 10_000,
                write_per_minute: 10_000,
                credential_per_minute: 10_000,
                transaction_per_minute: per_minute,
            }),
            proxies: vec!["127.0.0.1/32".to_owned()],
            ..Self::default()
        }
    }

    /// Commands come by these brokers as well.
    pub(crate) fn with_brokers(bridges: BridgeSettings) -> Self {
        Self {
            bridges,
            ..Self::default()
        }
    }

    /// Reports come so often, in seconds, while nothing changes.
    pub(crate) fn with_reports_every(seconds: u64) -> Self {
        Self {
            events_interval: Some(seconds),
            ..Self::default()
        }
    }

    /// Tokens that are signed with pairs of keys: only auth can mint them.
    pub(crate) fn key_pairs() -> Self {
        Self {
            key_pairs: true,
            ..Self::default()
        }
    }
}

/// A platform that is being served in some topology, on a store of its own. All its processes live in this one, and
/// share one clock, which moves only when it is told to.
pub(crate) struct Deployment {
    base_url: String,
    clock: Arc<ManualClock>,
    running: Vec<RunningPlatform>,
    programs: Vec<Program>,
    outside: Tasks,
    mail: MailServer,
    _directory: TempDir,
}

impl Deployment {
    /// Starts the processes of a topology and waits until all are ready.
    pub(crate) async fn start(topology: Topology, conditions: &Conditions) -> Self {
        let start: DateTime<Utc> = START.parse().unwrap();
        let clock = Arc::new(ManualClock::at(start));
        let directory = tempfile::tempdir().unwrap();
        let outside = Tasks::new();
        let mut settings = settings(&directory, conditions);
        settings.integrations.triplewhale_url = match conditions.platforms_away {
            true => "http://127.0.0.1:1/".parse().unwrap(),
            false => KnowsOneKey::start(&outside).await,
        };
        let mail = MailServer::start().await;
        settings.mail = mail.settings();
        let site = Site {
            settings,
            clock: clock.clone(),
        };
        let places = match topology {
            Topology::Monolith | Topology::Loopback => vec![Place::monolith()],
            Topology::Split => split(),
            Topology::HybridWithout(group) => hybrid_without(group),
        };
        let programs = places.iter().map(|place| place.program).collect();
        let running = site.start_all(places).await;
        all_ready(&running).await;
        if topology == Topology::Loopback {
            running[0].call_over_loopback().unwrap();
        }
        Self {
            base_url: format!("http://{}", running[0].address()),
            clock,
            running,
            programs,
            outside,
            mail,
            _directory: directory,
        }
    }

    /// Where users send their requests.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The process that runs a group.
    pub(crate) fn process_of(&self, group: &str) -> &RunningPlatform {
        let service = |program: &Program| matches!(program, Program::Service(name) if *name == group);
        let place = self.programs.iter().position(service).unwrap_or_default();
        &self.running[place]
    }

    /// Every process, the one that users talk to first.
    pub(crate) fn processes(&self) -> &[RunningPlatform] {
        &self.running
    }

    /// Where each process listens, the one that users talk to first.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let running = self.running.iter();
        running
            .map(|process| format!("http://{}", process.address()))
            .collect()
    }

    /// Where all mail goes.
    pub(crate) fn mail(&self) -> &MailServer {
        &self.mail
    }

    /// The one clock of all processes.
    pub(crate) fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    /// Stops the processes, the one that users talk to first.
    pub(crate) async fn stop(self) {
        for process in self.running {
            process.stop().await;
        }
        self.outside.stop(std::time::Duration::from_secs(1)).await;
    }
}

/// What the processes of a deployment share.
struct Site {
    settings: Settings,
    clock: Arc<ManualClock>,
}

/// A process that is about to be: its address is known before it runs, so that the others can be told.
struct Place {
    program: Program,
    listeners: Listeners,
    remotes: Vec<(&'static str, String)>,
}

impl Place {
    fn new(program: Program) -> Self {
        let settings = ServerSettings {
            port: 0,
            metrics_port: Some(0),
            ..ServerSettings::default()
        };
        Self {
            program,
            listeners: Listeners::bind(&settings).unwrap(),
            remotes: Vec::new(),
        }
    }

    fn monolith() -> Self {
        Self::new(Program::Monolith)
    }

    fn address(&self) -> String {
        format!("http://{}", self.listeners.main[0].local_addr().unwrap())
    }
}

/// Every group in a process of its own, and the gateway, which comes first.
fn split() -> Vec<Place> {
    let groups = platform::known_groups();
    let mut places = vec![Place::new(Program::Gateway)];
    let services = groups.iter().map(|info| Place::new(Program::Service(info.name)));
    places.extend(services);
    let addresses: Vec<(&'static str, String)> = groups
        .iter()
        .zip(&places[1..])
        .map(|(info, place)| (info.name, place.address()))
        .collect();
    for place in &mut places {
        let others = addresses
            .iter()
            .filter(|(name, _)| place.program != Program::Service(name));
        place.remotes = others.cloned().collect();
    }
    places
}

/// A monolith that has one group elsewhere. It comes first.
fn hybrid_without(group: &'static str) -> Vec<Place> {
    let (mut monolith, mut service) = (Place::monolith(), Place::new(Program::Service(group)));
    monolith.remotes = vec![(group, service.address())];
    service.remotes = platform::known_groups()
        .iter()
        .filter(|info| info.name != group)
        .map(|info| (info.name, monolith.address()))
        .collect();
    vec![monolith, service]
}

impl Site {
    async fn start_all(&self, places: Vec<Place>) -> Vec<RunningPlatform> {
        futures::future::join_all(places.into_iter().map(|place| self.start(place))).await
    }

    /// One process, with the admin where it runs the auth group.
    async fn start(&self, place: Place) -> RunningPlatform {
        let mut settings = self.settings.clone();
        let remotes = place.remotes.into_iter();
        settings.topology.remotes = remotes
            .map(|(name, address)| (name.to_owned(), vec![address]))
            .collect();
        let runs_auth = match place.program {
            Program::Monolith => !settings.topology.remotes.contains_key("auth"),
            Program::Service(group) => group == "auth",
            Program::Gateway => false,
        };
        let platform = Platform::assemble(PlatformParts {
            settings,
            sources: Sources::new(self.clock.clone(), Arc::new(SystemEntropy)),
            registry: Registry::new(),
            program: place.program,
        })
        .await
        .unwrap();
        if runs_auth {
            platform
                .ensure_user(ADMIN, PASSWORD, "Admin", Role::Admin)
                .await
                .unwrap();
        }
        platform.serve_on(place.listeners).await.unwrap()
    }
}

/// Whether a process wants requests and does without nothing.
async fn is_whole(ready: reqwest::Response) -> bool {
    let body = ready
        .error_for_status()
        .map(|ready| ready.json::<serde_json::Value>());
    match body {
        Ok(body) => body
            .await
            .is_ok_and(|body| body["degraded"] == serde_json::json!([])),
        Err(_) => false,
    }
}

/// Waits until every process wants requests and has found all others. A process may have asked another just before that
/// one was ready, and go by the answer until it asks again: what counts is that all are whole in two rounds, the second
/// of which finds answers that were still under way in the first.
async fn all_ready(running: &[RunningPlatform]) {
    let client = runtime::http::client().unwrap();
    let (mut missing, mut whole_rounds) = (String::new(), 0);
    for _ in 0..600 {
        missing = not_whole(running, &client).await;
        whole_rounds = if missing.is_empty() { whole_rounds + 1 } else { 0 };
        if whole_rounds == 2 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("not ready after 30 s: {missing}");
}

/// The address of the first process that is not whole; nothing when all are.
async fn not_whole(running: &[RunningPlatform], client: &reqwest::Client) -> String {
    for process in running {
        let url = format!("http://{}/ready", process.address());
        let there = match client.get(&url).send().await {
            Ok(answer) => is_whole(answer).await,
            Err(_) => false,
        };
        if !there {
            return url;
        }
    }
    String::new()
}

/// What every process of a deployment has in common, and every deployment: tokens name the key that signed them.
fn settings(directory: &TempDir, conditions: &Conditions) -> Settings {
    let mut settings = Settings::default();
    settings.server.data_dir = directory.path().to_owned();
    settings.server.port = 0;
    settings.server.metrics_port = Some(0);
    settings.server.workers = 1;
    settings.auth.jwt_secret = Some(SECRET.into());
    settings.security.encryption_key = Some("another secret for tests that is long enough".into());
    settings.limits.enabled = false;
    if let Some(limits) = &conditions.limits {
        settings.limits = limits.clone();
    }
    settings.bridges = conditions.bridges.clone();
    settings.http.trusted_proxies = conditions.proxies.clone();
    if let Some(seconds) = conditions.events_interval {
        settings.http.events_interval_seconds = seconds;
    }
    if conditions.key_pairs {
        settings.auth.algorithm = TokenAlgorithm::Eddsa;
        settings.auth.service_secret = Some("a third secret for tests that is long enough".into());
    }
    settings
}
