use super::{
    Instances,
    instances::may_see,
    models::{PlacementName, RegisteredGroup, RegisteredModule},
};
use crate::{Placement, error::Error};
use infrastructure_contract::Instance;
use kernel::CallContext;
use std::sync::Arc;

/// Lists what there is.
pub(crate) struct RegistryService {
    placements: Vec<Placement>,
    instances: Arc<Instances>,
}

impl RegistryService {
    pub(crate) fn new(placements: Vec<Placement>, instances: Arc<Instances>) -> Self {
        Self {
            placements,
            instances,
        }
    }

    /// Every group, in the order of ports; with its processes for callers who may know where they are.
    pub(crate) async fn groups(&self, cx: &CallContext) -> Result<Vec<RegisteredGroup>, Error> {
        let live = match may_see(cx) {
            true => Some(self.instances.live().await?),
            false => None,
        };
        let placements = self.placements.iter();
        let mut groups: Vec<RegisteredGroup> = placements
            .map(|placement| registered(placement, live.as_deref()))
            .collect();
        groups.sort_by_key(|group| group.port);
        Ok(groups)
    }
}

fn registered(placement: &Placement, live: Option<&[Instance]>) -> RegisteredGroup {
    let info = placement.info;
    let serves = |instance: &&Instance| instance.groups.iter().any(|group| group == info.name);
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
        instances: live.map(|live| live.iter().filter(serves).cloned().collect()),
    }
}
