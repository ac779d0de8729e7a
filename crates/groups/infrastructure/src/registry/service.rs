use super::models::{PlacementName, RegisteredGroup, RegisteredModule};
use crate::Placement;

/// Lists what there is.
pub(crate) struct RegistryService {
    placements: Vec<Placement>,
}

impl RegistryService {
    pub(crate) fn new(placements: Vec<Placement>) -> Self {
        Self { placements }
    }

    /// Every group, in the order of ports.
    pub(crate) fn groups(&self) -> Vec<RegisteredGroup> {
        let mut groups: Vec<RegisteredGroup> = self.placements.iter().map(registered).collect();
        groups.sort_by_key(|group| group.port);
        groups
    }
}

fn registered(placement: &Placement) -> RegisteredGroup {
    let info = placement.info;
    RegisteredGroup {
        name: info.name,
        summary: info.summary,
        port: info.default_port,
        prefixes: info.prefixes.to_vec(),
        depends_on: info.calls.to_vec(),
        asks: info.asks.to_vec(),
        hears: info.hears.to_vec(),
        placement: if placement.local {
            PlacementName::Local
        } else {
            PlacementName::Absent
        },
        modules: info
            .modules
            .iter()
            .map(|module| RegisteredModule {
                name: module.name,
                prefixes: module.prefixes.to_vec(),
            })
            .collect(),
    }
}
