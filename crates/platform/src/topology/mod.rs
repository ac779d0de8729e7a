//! Where each group runs: the topology file, with the addresses of the environment and of flags over it, as one process
//! sees it.
//!
//! What a group *is* stands in its contract; nothing of that can be changed here.

mod file;
mod graph;
mod modules;
mod picture;
mod problem;
mod render;
mod resolve;
#[cfg(test)]
mod tests;

pub use graph::{rollout_order, start_order, stop_order};
pub use picture::{Edge, EdgeKind, EdgePlace, Picture, ProcessPicture};
pub use problem::{TopologyError, TopologyProblem};
pub use render::{RenderedFile, Target, render};

pub(crate) use file::TopologyFile;

use crate::{
    PlatformError,
    groups::{groups_are_linked, modules_are_known},
    known_groups, linked_groups,
};
use kernel::GroupInfo;
use runtime::Settings;
use serde::Serialize;

/// Which program looks at the topology: it decides what runs here, and where the others are when nobody says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Runs every group that is linked in, or those that are named; groups that are nowhere are absent.
    Monolith,
    /// Runs one group, whatever the file says of it; the others are on their default ports of this host unless the
    /// file or an address says otherwise.
    Service(&'static str),
    /// Runs no group; they are on their default ports of this host unless the file or an address says otherwise.
    Gateway,
}

/// Where a group answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "place", rename_all = "lowercase")]
pub enum Placement {
    /// In this process.
    Local,
    /// In other processes.
    Remote {
        /// `http://host:port` each; at least one.
        addresses: Vec<String>,
    },
    /// In this process, and for some users in other processes.
    Split {
        /// `http://host:port` each; at least one.
        addresses: Vec<String>,
        /// The share of users who are answered there: 0 to 100.
        percent: u8,
    },
}

impl Placement {
    /// The addresses of the other processes; none for a local group.
    pub fn addresses(&self) -> &[String] {
        match self {
            Placement::Local => &[],
            Placement::Remote { addresses } | Placement::Split { addresses, .. } => addresses,
        }
    }
}

/// One group of the topology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedGroup {
    /// What it is.
    pub info: &'static GroupInfo,
    /// Where it answers, as this process sees it; none when it answers nowhere.
    pub placement: Option<Placement>,
    /// Whether this process builds it: it is linked in and chosen, even while it answers elsewhere.
    pub built: bool,
    /// The port on which it listens when it is served alone.
    pub port: u16,
    /// How many processes serve it when it is served alone.
    pub replicas: u16,
    /// Its modules that are served in processes of their own: the others are where the group is.
    pub modules: Vec<PlacedModule>,
}

/// A route module whose paths are answered in other processes than those of its group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedModule {
    /// Its name in the group.
    pub name: &'static str,
    /// `http://host:port` each; at least one.
    pub addresses: Vec<String>,
}

/// A module's name in the whole installation, as in `finance.accounting`.
pub(crate) fn module_name(group: &str, module: &str) -> String {
    format!("{group}.{module}")
}

/// The names by which settings know a module: its own, and with its group before it, as in `finance_accounting`.
pub(crate) fn names_in_settings(group: &str, module: &str) -> [String; 2] {
    [module.to_owned(), format!("{group}_{module}")]
}

/// The process on 8000.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Where the other processes reach it, for the groups that it runs; empty when nobody said so.
    pub addresses: Vec<String>,
    /// Its port.
    pub port: u16,
    /// How many of it there are.
    pub replicas: u16,
}

/// Where every group runs, as one process sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    version: u64,
    origin: String,
    groups: Vec<PlacedGroup>,
    gateway: Gateway,
    front: bool,
}

impl Topology {
    /// The topology that holds at start: the file that the settings name (or the built-in one), with the addresses of
    /// `<GROUP>_SERVICE_URL` and `--remote` over it. Refuses whatever cannot be, and what contradicts
    /// `DEPLOYMENT_MODE`.
    pub fn load(settings: &Settings, program: Program) -> Result<Self, PlatformError> {
        groups_are_linked(&settings.server.groups)?;
        modules_are_known(&settings.server.modules)?;
        let (known, linked) = (known_groups(), linked_groups());
        Self::at_start(settings, &known, &linked, program)
    }

    /// The topology of a text that was pushed to this process while it runs. What it says of a group wins over
    /// `<GROUP>_SERVICE_URL` and `--remote`; a group that it places elsewhere without an address is at those.
    pub fn pushed(text: &str, settings: &Settings, program: Program) -> Result<Self, PlatformError> {
        let file = TopologyFile::parse("the pushed topology", text)?;
        let (known, linked) = (known_groups(), linked_groups());
        let resolved = resolve::Resolve::new(&file, settings, &known, &linked, program);
        Ok(resolved.pushed().topology()?)
    }

    /// The deployment as the process on 8000 sees it, whatever this program was linked with.
    pub(crate) fn of_deployment(settings: &Settings) -> Result<Self, PlatformError> {
        let known = known_groups();
        Self::at_start(settings, &known, &known, Program::Monolith)
    }

    fn at_start(
        settings: &Settings,
        known: &[&'static GroupInfo],
        linked: &[&'static GroupInfo],
        program: Program,
    ) -> Result<Self, PlatformError> {
        let file = match &settings.topology.file {
            Some(path) => TopologyFile::read(path)?,
            None => TopologyFile::built_in(),
        };
        let resolved = resolve::Resolve::new(&file, settings, known, linked, program);
        Ok(resolved.topology()?)
    }

    /// The version of the placement: a process takes only a newer one.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The name of the file that it was read from.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Every group that there is, in the order of ports.
    pub fn groups(&self) -> &[PlacedGroup] {
        &self.groups
    }

    /// One group.
    pub fn group(&self, name: &str) -> Option<&PlacedGroup> {
        self.groups.iter().find(|group| group.info.name == name)
    }

    /// Where a group answers; none when it answers nowhere.
    pub fn placement(&self, name: &str) -> Option<&Placement> {
        self.group(name)?.placement.as_ref()
    }

    /// The groups that this process builds, in the order of ports. One of them that is remote stays built, so that it
    /// can come back, and takes no leases.
    pub fn built(&self) -> Vec<&'static GroupInfo> {
        let built = self.groups.iter().filter(|group| group.built);
        built.map(|group| group.info).collect()
    }

    /// Whether this process answers every path of the platform: it forwards those of groups that answer elsewhere.
    pub fn is_front(&self) -> bool {
        self.front
    }

    /// The process on 8000.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }
}
