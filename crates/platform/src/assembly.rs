use crate::{
    Program, Topology,
    bridges::Bridges,
    contracts::{self, ContractCheck},
    error::PlatformError,
    handles::Handles,
    health::{Known, ProcessHealth},
    kit::Kit,
    proofs::Proofs,
    registry::Membership,
    revocations, shared_secrets,
    switchboard::{ModuleWays, SwitchError, Switchboard, Way, Whereabouts},
    token_keys,
    wiring::{self, Wired},
};
use bridge::{BridgeMetrics, Links};
use chrono::{DateTime, Utc};
use events::EventMetrics;
use futures::future::try_join_all;
use kernel::{GroupInfo, Sources, Tasks, TenantId, UserId};
use rpc::{EndpointMetrics, Endpoints, ReadyProbe, RemotePolicy, Seam};
use runtime::{Settings, mail::Mailer, metrics::Registry};
use secrecy::ExposeSecret;
use serde::Serialize;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use store::{Keyring, Reencrypted, StoreError};
use trust::SecretFile;
use uuid::Uuid;
use web::ForwardTable;

/// What a platform is made of.
pub struct PlatformParts {
    /// How it is to run.
    pub settings: Settings,
    /// Time, ids and randomness.
    pub sources: Sources,
    /// Where its metrics are counted.
    pub registry: Registry,
    /// Which program it is.
    pub program: Program,
}

impl PlatformParts {
    /// The parts of a monolith in a process of its own: the machine's clock and randomness.
    pub fn of_process(settings: Settings) -> Self {
        Self {
            settings,
            sources: Sources::system(),
            registry: Registry::new(),
            program: Program::Monolith,
        }
    }
}

/// A migration that stands in a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppliedMigration {
    /// Whose store.
    pub group: &'static str,
    /// The version that it made.
    pub version: u64,
    /// What it did.
    pub name: String,
    /// When, UTC.
    pub applied_at: DateTime<Utc>,
}

/// What came of encrypting a collection of a group anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupReencrypted {
    /// Whose.
    pub group: &'static str,
    /// Which, and how much of it.
    #[serde(flatten)]
    pub collection: Reencrypted,
}

/// What came of walking one of a firm's chains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifiedChain {
    /// Which: `audit log`, or `entries` of the journal.
    pub chain: &'static str,
    /// The firm.
    pub firm: TenantId,
    /// How many rows are whole, from the first on.
    pub rows: u64,
    /// The place of the first row that is not; none when all are.
    pub broken_row: Option<u64>,
    /// The id of that row, if one stands there.
    pub broken_id: Option<Uuid>,
    /// What is wrong with it.
    pub reason: Option<&'static str>,
}

/// What came of making balances anew from the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerReplayed {
    /// How many books there are.
    pub books: usize,
    /// Where what was stored was something else.
    pub differences: Vec<LedgerDifference>,
}

/// A figure of a book that was stored otherwise than the feed says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerDifference {
    /// The firm.
    pub firm: TenantId,
    /// Whose book.
    pub book: UserId,
    /// Which figure, as in `the balance of expense:food in INR`.
    pub figure: String,
    /// What was stored.
    pub stored: String,
    /// What the feed says.
    pub replayed: String,
}

/// What came of making holdings anew from the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HoldingsReplayed {
    /// How many portfolios there are.
    pub portfolios: usize,
    /// Where what was stored was something else.
    pub differences: Vec<HoldingDifference>,
}

/// A figure of a portfolio that was stored otherwise than the feed says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HoldingDifference {
    /// The firm.
    pub firm: TenantId,
    /// Of which portfolio.
    pub portfolio: Uuid,
    /// Which figure, as in `the cash of account 0190…`.
    pub figure: String,
    /// What was stored.
    pub stored: String,
    /// What the feed says.
    pub replayed: String,
}

/// The groups of one process, built and bound to each other. Two may live in one program: nothing is shared.
pub struct Platform {
    pub(crate) program: Program,
    pub(crate) kit: Kit,
    pub(crate) groups: Vec<Wired>,
    pub(crate) board: Arc<Switchboard>,
    pub(crate) membership: Arc<Membership>,
    pub(crate) health: Arc<ProcessHealth>,
}

impl Platform {
    /// Opens the stores, builds the chosen groups in the order of what they call, and binds them. Must run on the
    /// runtime that is to own the process's consumers and connections.
    pub async fn assemble(parts: PlatformParts) -> Result<Self, PlatformError> {
        let PlatformParts {
            settings,
            sources,
            registry,
            program,
        } = parts;
        let topology = Topology::load(&settings, program)?;
        let chosen = topology.built();
        let tasks = Tasks::new();
        let runtime = tokio::runtime::Handle::current();
        let seam = registry
            .with(|registry| Seam::new(tasks.clone(), registry))
            .on_runtime(runtime.clone());
        let handles = Handles::unbound(&seam, &crate::known_groups());
        let Proofs {
            derived_keys,
            token_keys,
            issuer,
            verifier,
            services,
            service_tokens,
            hops,
        } = Proofs::of(&settings, &sources, &chosen)?;
        let keyring = keyring(&settings, &sources)?;
        let metrics = registry.with(EventMetrics::register);
        registry.register(
            "log_lines_lost",
            "Log lines that nobody read in time",
            runtime::telemetry::lost_lines(),
        );
        registry.uptime(&sources);
        let bridges = Bridges {
            links: Links::default(),
            metrics: registry.with(BridgeMetrics::register),
        };
        let health = Arc::new(ProcessHealth::new(bridges.links.clone()));
        let mailer = Mailer::new(&settings.mail, &settings.server.data_dir, sources.clone())?;
        let kit = Kit {
            settings,
            sources,
            tasks,
            registry,
            seam,
            handles,
            keyring,
            derived_keys,
            token_keys,
            issuer,
            verifier,
            services,
            service_tokens,
            hops,
            mailer,
            runtime,
            metrics,
            health: health.clone(),
            bridges,
        };
        // Side by side: building a group calls nobody, so the order does not matter, and opening stores takes time.
        let groups = try_join_all(chosen.into_iter().map(|info| wiring::wire(&kit, info))).await?;
        let board = Arc::new(switchboard(&kit, &groups, topology)?);
        let statuses = crate::known_groups().into_iter();
        let statuses = statuses
            .filter_map(|info| Some((info.name, kit.handles.status(info.name)?.clone())))
            .collect();
        let (verifier, sources) = (kit.verifier.clone(), kit.sources.clone());
        health.know(Known::new(&groups, statuses, board.clone(), verifier, sources));
        let membership = Membership::new(kit.handles.registry.clone(), kit.sources.clone());
        Ok(Self {
            program,
            kit,
            groups,
            board,
            membership: Arc::new(membership),
            health,
        })
    }

    /// Starts what runs beside requests: consumers of events, and the watch over revocations.
    pub fn start(&self) {
        for group in &self.groups {
            for (projection, producers) in &group.projections {
                let feeds: Vec<_> = producers
                    .iter()
                    .filter_map(|name| self.kit.handles.feed(name).cloned())
                    .collect();
                group.projector.run(projection.clone(), feeds);
            }
            if !group.handlers.is_empty() {
                group.jobs.run(group.handlers.clone());
            }
            if let Some(keys) = group.token_keys.clone() {
                let stopping = self.kit.tasks.token();
                drop(self.kit.tasks.spawn(async move {
                    stopping.run_until_cancelled(keys.keep_fresh()).await;
                }));
            }
            group.jobs.every(group.recurring.clone());
        }
        self.look_after_the_others();
        revocations::watch(&self.kit);
        token_keys::follow(&self.kit);
        shared_secrets::follow(&self.kit);
    }

    /// Probes the processes of other groups, and checks the contracts of those that groups here call.
    fn look_after_the_others(&self) {
        match runtime::http::service_client() {
            Ok(client) => {
                for way in self.board.ways() {
                    let probe = ReadyProbe::new(client.clone());
                    way.endpoints().start_probing(&self.kit.tasks, probe);
                }
            }
            Err(error) => tracing::error!(%error, "other processes cannot be probed"),
        }
        let called: BTreeSet<&str> = self
            .groups
            .iter()
            .flat_map(|group| group.info.calls)
            .copied()
            .collect();
        let whereabouts = self.board.whereabouts();
        for way in self
            .board
            .ways()
            .iter()
            .filter(|way| called.contains(way.info.name))
        {
            match whereabouts.get(way.info.name) {
                Some(Whereabouts::Here) => {}
                Some(Whereabouts::Elsewhere { .. }) => self.contract_check(way).start(&self.kit.tasks),
                Some(Whereabouts::Nowhere) | None => {
                    let name = way.info.name;
                    let variable = format!("{}_SERVICE_URL", name.to_uppercase());
                    let reason = format!("runs nowhere: say where with --remote {name}=URL or {variable}");
                    self.health.not_proven(name, reason);
                }
            }
        }
    }

    fn contract_check(&self, way: &Way) -> ContractCheck {
        ContractCheck {
            ours: contracts::own(way.info.name),
            remote: way.remote.clone(),
            health: self.health.clone(),
            sources: self.kit.sources.clone(),
        }
    }

    /// Finishes what runs, lets go of the handles and closes the stores.
    pub async fn stop(&self) {
        let patience = Duration::from_secs(self.kit.settings.server.stop_seconds);
        if !self.kit.tasks.stop(patience).await {
            tracing::warn!("some work did not end in time and was given up");
        }
        self.kit.handles.unbind();
        for group in &self.groups {
            group.store.close().await;
        }
    }

    /// The handles on the contracts.
    pub fn handles(&self) -> &Handles {
        &self.kit.handles
    }

    /// Time, ids and randomness.
    pub fn sources(&self) -> &Sources {
        &self.kit.sources
    }

    /// How it is to run.
    pub fn settings(&self) -> &Settings {
        &self.kit.settings
    }

    /// Each group with whether its store answers.
    pub async fn states(&self) -> Vec<(&'static str, bool)> {
        self.health.states().await
    }

    /// Each group with the place of its data, without secrets.
    pub fn places(&self) -> Vec<(&'static str, String)> {
        self.groups
            .iter()
            .map(|group| (group.info.name, group.store.describe()))
            .collect()
    }

    /// What was applied to each store.
    pub async fn migrations(&self) -> Result<Vec<AppliedMigration>, PlatformError> {
        let mut all = Vec::new();
        for group in &self.groups {
            let failed = |source: StoreError| PlatformError::Store {
                group: group.info.name,
                source,
            };
            for applied in group.store.migrations().await.map_err(failed)? {
                all.push(AppliedMigration {
                    group: group.info.name,
                    version: applied.version,
                    name: applied.name,
                    applied_at: applied.applied_at,
                });
            }
        }
        Ok(all)
    }
}

/// The ways to every group, switched as the topology says.
fn switchboard(kit: &Kit, built: &[Wired], topology: Topology) -> Result<Switchboard, PlatformError> {
    let metrics = kit.registry.with(EndpointMetrics::register);
    let known = crate::known_groups();
    let way = |info: &&'static GroupInfo| {
        let nowhere_yet: [&str; 0] = [];
        let endpoints = Endpoints::new(info.name, nowhere_yet, &metrics)?;
        let remote = kit.remote(info.name, Arc::new(endpoints), RemotePolicy::default());
        Ok(Way::new(info, remote, built))
    };
    let ways = known.iter().map(way).collect::<Result<_, SwitchError>>()?;
    let forwarded: &[&GroupInfo] = if topology.is_front() { &known } else { &[] };
    let table = Arc::new(ForwardTable::new(forwarded));
    let modules = ModuleWays::new(metrics.clone(), kit.tasks.clone());
    Ok(Switchboard::new(
        ways,
        kit.handles.clone(),
        table,
        modules,
        topology,
    )?)
}

/// A key that signs access tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenKeyState {
    /// The name in the header of tokens.
    pub kid: String,
    /// `next`, `signs`, `verifies` or `over`.
    pub state: String,
    /// From when on it signs, UTC.
    pub signs_from: DateTime<Utc>,
}

/// What came of [`Platform::ensure_user`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnsuredUser {
    /// It was made.
    Created,
    /// It was there already, and was left as it is.
    Existed,
}

/// The key for sensitive fields is derived from the configured text, whatever its length; its id too, so that a
/// rotation needs no numbering.
pub(crate) fn keyring(settings: &Settings, sources: &Sources) -> Result<Arc<Keyring>, PlatformError> {
    let secret = SecretFile::ENCRYPTION.resolve(
        settings.security.encryption_key.as_ref(),
        &settings.server.data_dir,
        settings.is_production(),
        &**sources.entropy(),
    )?;
    let previous = settings.security.encryption_previous_keys.iter();
    let secrets: Vec<&str> = std::iter::once(&secret)
        .chain(previous)
        .map(ExposeSecret::expose_secret)
        .collect();
    let keyring = Keyring::from_secrets(&secrets);
    keyring.map(Arc::new).map_err(|source| PlatformError::Store {
        group: "keyring",
        source,
    })
}
