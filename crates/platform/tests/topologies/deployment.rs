use crate::{outside::KnowsOneKey, world::PASSWORD};
use chrono::{DateTime, Utc};
use kernel::{ManualClock, Role, Sources, SystemEntropy, Tasks};
use platform::{Platform, PlatformParts, RunningPlatform};
use runtime::{Settings, metrics::Registry, settings::LimitSettings};
use std::sync::Arc;
use tempfile::TempDir;

/// Who is there before anybody registers.
pub(crate) const ADMIN: &str = "admin@example.com";
/// When the clock of every deployment stands at the start: a Thursday noon in India.
const START: &str = "2026-01-15T06:30:00Z";

/// A way to cut the platform into processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topology {
    /// Every group in one process.
    Monolith,
}

/// What a scenario asks of a deployment beyond the ordinary.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    limits: Option<LimitSettings>,
}

impl Conditions {
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
        }
    }
}

/// A platform that is being served in some topology, on a store of its own. All its processes live in this one, and
/// share one clock, which moves only when it is told to.
pub(crate) struct Deployment {
    base_url: String,
    clock: Arc<ManualClock>,
    running: Vec<RunningPlatform>,
    outside: Tasks,
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
        settings.integrations.triplewhale_url = KnowsOneKey::start(&outside).await;
        let running = match topology {
            Topology::Monolith => vec![process(settings, clock.clone()).await],
        };
        Self {
            base_url: format!("http://{}", running[0].address()),
            clock,
            running,
            outside,
            _directory: directory,
        }
    }

    /// Where users send their requests.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
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

/// One process, with the admin where it runs the auth group.
async fn process(settings: Settings, clock: Arc<ManualClock>) -> RunningPlatform {
    let groups = settings.server.groups.clone();
    let platform = Platform::assemble(PlatformParts {
        settings,
        sources: Sources::new(clock, Arc::new(SystemEntropy)),
        registry: Registry::new(),
    })
    .await
    .unwrap();
    if groups.is_empty() || groups.iter().any(|group| group == "auth") {
        platform
            .ensure_user(ADMIN, PASSWORD, "Admin", Role::Admin)
            .await
            .unwrap();
    }
    platform.serve().await.unwrap()
}

/// What every process of a deployment has in common, and every deployment: tokens name the key that signed them.
fn settings(directory: &TempDir, conditions: &Conditions) -> Settings {
    let mut settings = Settings::default();
    settings.server.data_dir = directory.path().to_owned();
    settings.server.port = 0;
    settings.server.metrics_port = Some(0);
    settings.server.workers = 1;
    settings.auth.jwt_secret = Some("a secret for tests that is long enough 0123456789".into());
    settings.security.encryption_key = Some("another secret for tests that is long enough".into());
    settings.limits.enabled = false;
    if let Some(limits) = &conditions.limits {
        settings.limits = limits.clone();
    }
    settings
}
