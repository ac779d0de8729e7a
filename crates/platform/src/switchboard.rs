use crate::{
    Handles,
    offer::Offer,
    topology::{Placement, Topology, module_name},
    wiring::Wired,
};
use events::{Projector, jobs::Jobs};
use kernel::{GroupInfo, Tasks};
use parking_lot::Mutex;
use rpc::{EndpointError, EndpointMetrics, Endpoints, ReadyProbe, Remote};
use std::{collections::BTreeMap, sync::Arc};
use web::{ForwardTable, Where};

/// Where each group answers, as this process acts on it: the handles on its contracts, the forwarding of its paths and
/// its consumers and jobs are switched together, and while requests run.
pub(crate) struct Switchboard {
    ways: Vec<Way>,
    handles: Handles,
    table: Arc<ForwardTable>,
    modules: ModuleWays,
    current: Mutex<Topology>,
}

/// The ways to modules that are served in processes of their own, made when they are first needed.
pub(crate) struct ModuleWays {
    /// By their names in the installation, as in `finance.accounting`.
    known: Mutex<BTreeMap<String, Arc<Endpoints>>>,
    metrics: EndpointMetrics,
    tasks: Tasks,
}

impl ModuleWays {
    pub(crate) fn new(metrics: EndpointMetrics, tasks: Tasks) -> Self {
        Self {
            known: Mutex::default(),
            metrics,
            tasks,
        }
    }

    /// The way to a module, at these addresses from now on.
    fn lead(&self, name: &str, addresses: &[String]) -> Result<Arc<Endpoints>, EndpointError> {
        let mut known = self.known.lock();
        if let Some(endpoints) = known.get(name) {
            endpoints.replace(addresses)?;
            return Ok(endpoints.clone());
        }
        let endpoints = Arc::new(Endpoints::new(name, addresses, &self.metrics)?);
        match runtime::http::service_client() {
            Ok(client) => endpoints.start_probing(&self.tasks, ReadyProbe::new(client)),
            Err(error) => tracing::error!(%error, "other processes cannot be probed"),
        }
        known.insert(name.to_owned(), endpoints.clone());
        Ok(endpoints)
    }
}

/// Where a group is at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    /// In this process.
    Here,
    /// In other processes.
    Elsewhere {
        /// Whether one of them takes requests.
        reachable: bool,
    },
    /// Nowhere that this process knows of, or nothing that it has to do with.
    Nowhere,
}

/// The ways to one group.
pub(crate) struct Way {
    pub(crate) info: &'static GroupInfo,
    pub(crate) remote: Arc<Remote>,
    here: Option<Here>,
}

/// A group that was built in this process.
struct Here {
    offers: Vec<Arc<dyn Offer>>,
    projector: Projector,
    jobs: Jobs,
}

/// Why a placement is not taken over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SwitchError {
    /// The one in force is as new or newer.
    #[error(
        "version {offered} is not newer than version {current}, which is in force: raise the version in the file"
    )]
    Old {
        /// In force.
        current: u64,
        /// What came.
        offered: u64,
    },
    /// An address cannot be one.
    #[error(transparent)]
    Address(#[from] EndpointError),
}

impl Way {
    pub(crate) fn new(info: &'static GroupInfo, remote: Arc<Remote>, built: &[Wired]) -> Self {
        let here = built.iter().find(|group| group.info.name == info.name);
        Self {
            info,
            remote,
            here: here.map(|group| Here {
                offers: group.offers.clone(),
                projector: group.projector.clone(),
                jobs: group.jobs.clone(),
            }),
        }
    }

    pub(crate) fn endpoints(&self) -> &Arc<Endpoints> {
        self.remote.endpoints()
    }
}

impl Switchboard {
    /// Switches everything as this topology says.
    pub(crate) fn new(
        ways: Vec<Way>,
        handles: Handles,
        table: Arc<ForwardTable>,
        modules: ModuleWays,
        topology: Topology,
    ) -> Result<Self, SwitchError> {
        let board = Self {
            ways,
            handles,
            table,
            modules,
            current: Mutex::new(topology.clone()),
        };
        board.switch(&topology)?;
        Ok(board)
    }

    /// The topology in force.
    pub(crate) fn current(&self) -> Topology {
        self.current.lock().clone()
    }

    /// Where each group is.
    pub(crate) fn whereabouts(&self) -> BTreeMap<&'static str, Whereabouts> {
        let topology = self.current.lock();
        let ways = self.ways.iter();
        ways.map(|way| {
            let whereabouts = match topology.placement(way.info.name) {
                Some(Placement::Local | Placement::Split { .. }) if way.here.is_some() => Whereabouts::Here,
                Some(Placement::Remote { .. } | Placement::Split { .. }) => Whereabouts::Elsewhere {
                    reachable: way.endpoints().any_healthy(),
                },
                _ => Whereabouts::Nowhere,
            };
            (way.info.name, whereabouts)
        })
        .collect()
    }

    /// What requests for groups elsewhere are forwarded by.
    pub(crate) fn table(&self) -> &Arc<ForwardTable> {
        &self.table
    }

    /// The ways to the groups.
    pub(crate) fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// The ways to the modules that the topology in force places in processes of their own, with the addresses that it says.
    pub(crate) fn placed_modules(&self) -> Vec<(Arc<Endpoints>, Vec<String>)> {
        let (topology, known) = (self.current.lock(), self.modules.known.lock());
        let groups = topology.groups().iter();
        let placed = groups.flat_map(|group| group.modules.iter().map(move |module| (group, module)));
        placed
            .filter_map(|(group, module)| {
                let way = known.get(&module_name(group.info.name, module.name))?;
                Some((way.clone(), module.addresses.clone()))
            })
            .collect()
    }

    /// From now on groups answer where this topology says. Calls and requests that have begun end where they began.
    /// An older or equal version is refused and changes nothing.
    pub(crate) fn apply(&self, topology: Topology) -> Result<(), SwitchError> {
        let mut current = self.current.lock();
        if topology.version() <= current.version() {
            return Err(SwitchError::Old {
                current: current.version(),
                offered: topology.version(),
            });
        }
        self.switch(&topology)?;
        *current = topology;
        Ok(())
    }

    fn switch(&self, topology: &Topology) -> Result<(), SwitchError> {
        for way in &self.ways {
            // A group that comes home keeps its addresses: requests that are on their way out are still to arrive.
            let placement = topology.placement(way.info.name);
            let addresses = placement.map(Placement::addresses).unwrap_or_default();
            if !addresses.is_empty() {
                way.endpoints().replace(addresses)?;
            }
        }
        for way in &self.ways {
            self.lead(way, topology.placement(way.info.name));
        }
        self.lead_modules(topology)
    }

    /// Modules with addresses are answered there; all others are where their groups are.
    fn lead_modules(&self, topology: &Topology) -> Result<(), SwitchError> {
        if !topology.is_front() {
            return Ok(());
        }
        for group in topology.groups() {
            for module in group.info.modules {
                let placed = group.modules.iter().find(|placed| placed.name == module.name);
                let name = module_name(group.info.name, module.name);
                let way = placed.map(|placed| self.modules.lead(&name, &placed.addresses));
                self.table
                    .set_module(group.info.name, module.name, way.transpose()?);
            }
        }
        Ok(())
    }

    fn lead(&self, way: &Way, placement: Option<&Placement>) {
        let name = way.info.name;
        let endpoints = || way.endpoints().clone();
        let place = match (placement, &way.here) {
            (Some(Placement::Local), Some(here)) => {
                here.answer(|offer| offer.answer_here(), true);
                Where::Here
            }
            (Some(Placement::Split { percent, .. }), Some(here)) => {
                here.answer(|offer| offer.answer_here_but_for(*percent, &way.remote), true);
                Where::Split {
                    endpoints: endpoints(),
                    percent: *percent,
                }
            }
            (Some(Placement::Remote { .. } | Placement::Split { .. }), here) => {
                self.handles.lead_to(name, &way.remote);
                if let Some(here) = here {
                    here.work(false);
                }
                Where::At(endpoints())
            }
            // Nowhere: its paths are unknown here, and whoever asks for it is told that it is not there.
            (Some(Placement::Local) | None, _) => Where::Here,
        };
        self.table.set(name, place);
    }
}

impl Here {
    fn answer(&self, bind: impl Fn(&dyn Offer), active: bool) {
        for offer in &self.offers {
            bind(&**offer);
        }
        self.work(active);
    }

    fn work(&self, active: bool) {
        self.projector.set_active(active);
        self.jobs.set_active(active);
    }
}
