//! Pushes a topology to every process that runs.

use super::output::{self, Format};
use crate::{
    PlatformError, Program, Topology, cli,
    control::{PLATFORM, PlacementControlClient, PlacementReport},
    proofs::Proofs,
    remotes::way_to,
};
use futures::future::join_all;
use kernel::{CallContext, Deadline, Sources, Tasks, TenantId};
use rpc::{EndpointMetrics, Endpoints, RemotePolicy, Seam};
use runtime::{ServerArgs, Settings, metrics::Registry};
use serde::Serialize;
use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

/// How long a process may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which topology, and who is told.
#[derive(Debug, clap::Args)]
pub(super) struct Apply {
    /// The topology file, with a version above the one in force.
    #[arg(value_name = "FILE", default_value = "config/topology.toml")]
    file: PathBuf,
    /// The address of a process, as in http://localhost:8000. Can be repeated; without it every process is told that
    /// the topology names: the one on 8000, and those at the addresses of groups.
    #[arg(long = "to", value_name = "URL")]
    to: Vec<String>,
    /// Only ask where the groups are, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// What became of one process.
#[derive(Serialize)]
struct Told {
    address: String,
    outcome: String,
    #[serde(skip)]
    done: bool,
}

/// Tells every process, and fails when one refuses or does not answer.
pub(super) async fn run(server: &ServerArgs, apply: Apply, format: Format) -> Result<(), PlatformError> {
    let settings = cli::settings(Program::Monolith, server)?;
    let text = std::fs::read_to_string(&apply.file)
        .map_err(|error| PlatformError::Command(format!("{}: {error}", apply.file.display())))?;
    let topology = Topology::pushed(&text, &settings, Program::Monolith)?;
    let addresses = match apply.to.is_empty() {
        true => everybody(&settings, &topology),
        false => apply.to.iter().cloned().collect(),
    };
    let teller = Teller::new(&settings)?;
    let text = (!apply.dry_run).then_some(text);
    let told = join_all(
        addresses
            .into_iter()
            .map(|address| teller.tell(address, text.clone())),
    )
    .await;
    output::print(format, &told, &["PROCESS", "OUTCOME"], |told| {
        vec![told.address.clone(), told.outcome.clone()]
    })?;
    let missing = told.iter().filter(|told| !told.done).count();
    if missing > 0 {
        return Err(PlatformError::Command(format!(
            "{missing} of {} processes did not take it over: mend what is wrong and apply again; those that did are not \
             changed by that",
            told.len()
        )));
    }
    Ok(())
}

/// The process on 8000, and every address at which a group or a module is.
fn everybody(settings: &Settings, topology: &Topology) -> BTreeSet<String> {
    let gateway = topology.gateway();
    let mut everybody: BTreeSet<String> = gateway.addresses.iter().cloned().collect();
    if everybody.is_empty() {
        everybody.insert(format!("http://127.0.0.1:{}", settings.server.port));
    }
    let placed = topology
        .groups()
        .iter()
        .filter_map(|group| group.placement.as_ref());
    everybody.extend(placed.flat_map(|placement| placement.addresses().iter().cloned()));
    let modules = topology.groups().iter().flat_map(|group| &group.modules);
    everybody.extend(modules.flat_map(|module| module.addresses.iter().cloned()));
    everybody.extend(settings.topology.remotes.values().flatten().cloned());
    everybody
}

struct Teller {
    proofs: Proofs,
    seam: Seam,
    sources: Sources,
}

impl Teller {
    fn new(settings: &Settings) -> Result<Self, PlatformError> {
        let sources = Sources::system();
        let registry = Registry::new();
        Ok(Self {
            proofs: Proofs::of(settings, &sources, &[])?,
            seam: registry.with(|registry| Seam::new(Tasks::new(), registry)),
            sources,
        })
    }

    async fn tell(&self, address: String, text: Option<String>) -> Told {
        let (done, outcome) = match self.ask(&address, text).await {
            Ok(report) => {
                let places = report
                    .groups
                    .iter()
                    .map(|(group, place)| format!("{group}: {place}"));
                let places: Vec<String> = places.collect();
                let (program, version) = (report.program, report.version);
                (
                    true,
                    format!("{program}, version {version}; {}", places.join(", ")),
                )
            }
            Err(reason) => (false, reason),
        };
        Told {
            address,
            outcome,
            done,
        }
    }

    async fn ask(&self, address: &str, text: Option<String>) -> Result<PlacementReport, String> {
        let endpoints = Endpoints::new(PLATFORM, [address], &EndpointMetrics::default())
            .map_err(|error| error.to_string())?;
        let tokens = self.proofs.service_tokens.clone();
        let policy = RemotePolicy::default();
        let remote = way_to(
            PLATFORM,
            Arc::new(endpoints),
            tokens,
            policy,
            &self.sources,
            &self.seam,
        );
        let client = PlacementControlClient::unbound(&self.seam);
        client.bind_remote(remote);
        let cx = CallContext::system(PLATFORM, TenantId::DEFAULT, self.sources.ids())
            .with_deadline(Deadline::within(PATIENCE));
        let answer = match text {
            Some(text) => client.apply(&cx, text).await,
            None => client.current(&cx).await,
        };
        answer.map_err(|error| error.to_string())
    }
}
