use super::{Placement, Topology, module_name, start_order};
use serde::Serialize;

/// Puts something into the process at these addresses.
fn add(processes: &mut Vec<ProcessPicture>, addresses: &[String], label: String) {
    match processes
        .iter_mut()
        .find(|process| process.addresses == addresses)
    {
        Some(process) => process.groups.push(label),
        None => processes.push(ProcessPicture {
            addresses: addresses.to_vec(),
            groups: vec![label],
        }),
    }
}

/// How a group uses another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    /// Needs it.
    Calls,
    /// Asks it when it is there.
    Asks,
    /// Consumes its events.
    Hears,
}

/// Whether an edge stays in one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgePlace {
    /// Both ends are in one process.
    Local,
    /// It crosses the network.
    Remote,
    /// Either, because one end is split.
    Split,
    /// One end is nowhere.
    Absent,
}

/// One use of a group by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// Who uses.
    pub from: &'static str,
    /// How.
    pub kind: EdgeKind,
    /// Whom.
    pub to: &'static str,
    /// Whether that crosses the network.
    pub place: EdgePlace,
}

/// A process, or several that serve the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProcessPicture {
    /// Where it is reached; the process on 8000 when it is empty.
    pub addresses: Vec<String>,
    /// What runs there; with the percentage of users when the group is split.
    pub groups: Vec<String>,
}

/// What runs where, with every edge between the groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// The version of the placement.
    pub version: u64,
    /// The file that it was read from.
    pub origin: String,
    /// The port of the process on 8000.
    pub gateway_port: u16,
    /// The processes: the one on 8000 first.
    pub processes: Vec<ProcessPicture>,
    /// Every edge, by the group that it begins at.
    pub edges: Vec<Edge>,
    /// The groups in the order in which they are started; they stop in the opposite one.
    pub start_order: Vec<Vec<&'static str>>,
}

impl Topology {
    /// A picture of the topology.
    pub fn picture(&self) -> Picture {
        let infos: Vec<_> = self.groups.iter().map(|group| group.info).collect();
        let waves = start_order(&infos);
        let names = waves
            .iter()
            .map(|wave| wave.iter().map(|info| info.name).collect());
        Picture {
            version: self.version,
            origin: self.origin.clone(),
            gateway_port: self.gateway.port,
            processes: self.processes(),
            edges: self.edges(),
            start_order: names.collect(),
        }
    }

    fn processes(&self) -> Vec<ProcessPicture> {
        let mut processes = vec![ProcessPicture {
            addresses: Vec::new(),
            groups: Vec::new(),
        }];
        for group in &self.groups {
            let name = group.info.name;
            let (here, there) = match &group.placement {
                None => (None, None),
                Some(Placement::Local) => (Some(name.to_owned()), None),
                Some(Placement::Remote { addresses }) => (None, Some((addresses, name.to_owned()))),
                Some(Placement::Split { addresses, percent }) => (
                    Some(format!("{name} ({} %)", 100 - percent)),
                    Some((addresses, format!("{name} ({percent} %)"))),
                ),
            };
            processes[0].groups.extend(here);
            if let Some((addresses, label)) = there {
                add(&mut processes, addresses, label);
            }
            for module in &group.modules {
                add(&mut processes, &module.addresses, module_name(name, module.name));
            }
        }
        processes
    }

    /// Every edge between groups, with whether it crosses the network.
    pub fn edges(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        for group in &self.groups {
            let info = group.info;
            let mut add = |kind, to: &str| {
                if let Some(target) = self.group(to).filter(|target| target.info.name != info.name) {
                    edges.push(Edge {
                        from: info.name,
                        kind,
                        to: target.info.name,
                        place: edge_place(group.placement.as_ref(), target.placement.as_ref()),
                    });
                }
            };
            for name in info.calls {
                add(EdgeKind::Calls, name);
            }
            for name in info.asks {
                add(EdgeKind::Asks, name);
            }
            if info.hears.contains(&"*") {
                for other in &self.groups {
                    add(EdgeKind::Hears, other.info.name);
                }
            } else {
                for name in info.hears {
                    add(EdgeKind::Hears, name);
                }
            }
        }
        edges
    }
}

fn edge_place(from: Option<&Placement>, to: Option<&Placement>) -> EdgePlace {
    match (from, to) {
        (None, _) | (_, None) => EdgePlace::Absent,
        (Some(Placement::Split { .. }), _) | (_, Some(Placement::Split { .. })) => EdgePlace::Split,
        (Some(from), Some(to)) if from.addresses() == to.addresses() => EdgePlace::Local,
        _ => EdgePlace::Remote,
    }
}
