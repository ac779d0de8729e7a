use super::models::{RegisteredGroup, RegisteredModule};
use kernel::GroupInfo;

/// Lists what there is.
pub(crate) struct RegistryService {
    groups: Vec<&'static GroupInfo>,
}

impl RegistryService {
    pub(crate) fn new(groups: Vec<&'static GroupInfo>) -> Self {
        Self { groups }
    }

    /// Every group, in the order of ports.
    pub(crate) fn groups(&self) -> Vec<RegisteredGroup> {
        let mut groups: Vec<RegisteredGroup> = self.groups.iter().copied().map(registered).collect();
        groups.sort_by_key(|group| group.port);
        groups
    }
}

fn registered(info: &'static GroupInfo) -> RegisteredGroup {
    RegisteredGroup {
        name: info.name,
        summary: info.summary,
        port: info.default_port,
        prefixes: info.prefixes.to_vec(),
        depends_on: info.calls.to_vec(),
        asks: info.asks.to_vec(),
        hears: info.hears.to_vec(),
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
