//! How a process takes part in the registry.

use crate::{
    Placement, Platform,
    registry::advertised,
    switchboard::{Switchboard, Whereabouts},
    topology::module_name,
};
use std::net::SocketAddr;

impl Platform {
    /// Announces the groups of this process and follows what others announce, whenever some group answers elsewhere. A
    /// process that answers for every group itself has nobody to find and nobody who looks for it.
    pub(crate) fn join_the_others(&self, bound: SocketAddr) {
        let tasks = &self.kit.tasks;
        let address = advertised(&self.kit.settings, bound);
        let board = self.board.clone();
        let modules = self.kit.settings.server.modules.clone();
        self.membership
            .announce(tasks, address, move || match has_others(&board) {
                true => served_here(&board, &modules),
                false => Vec::new(),
            });
        let board = self.board.clone();
        self.membership.follow(tasks, "platform", move || {
            let topology = board.current();
            let placed = |name: &str| {
                topology
                    .placement(name)
                    .map(|placement| placement.addresses().to_vec())
            };
            let ways = board.ways().iter();
            let groups = ways.filter_map(|way| {
                Some((
                    way.endpoints().clone(),
                    placed(way.info.name).filter(|all| !all.is_empty())?,
                ))
            });
            groups.chain(board.placed_modules()).collect()
        });
    }

    /// Tells the others that this process takes no more requests.
    pub(crate) async fn leave_the_others(&self) {
        if !has_others(&self.board) {
            return;
        }
        if let Some(speaker) = local_groups(&self.board).first() {
            self.membership.withdraw(speaker).await;
        }
    }
}

fn has_others(board: &Switchboard) -> bool {
    let whereabouts = board.whereabouts();
    whereabouts
        .values()
        .any(|place| matches!(place, Whereabouts::Elsewhere { .. }))
}

/// What others may send here: the groups that answer here, or of each of them the modules that are served. Who serves some
/// modules of a group alone is no place for requests to the group.
fn served_here(board: &Switchboard, modules: &[String]) -> Vec<String> {
    let topology = board.current();
    let mut served = Vec::new();
    for name in local_groups(board) {
        let Some(group) = topology.group(name) else {
            continue;
        };
        if modules.is_empty() {
            served.push(name.to_owned());
            continue;
        }
        let chosen = group.info.modules.iter();
        let chosen = chosen.filter(|module| modules.iter().any(|chosen| chosen == module.name));
        served.extend(chosen.map(|module| module_name(name, module.name)));
    }
    served
}

/// The groups that answer in this process alone: one that is split is announced by the others that have it.
fn local_groups(board: &Switchboard) -> Vec<&'static str> {
    let topology = board.current();
    let groups = topology.groups().iter();
    groups
        .filter(|group| group.built && group.placement == Some(Placement::Local))
        .map(|group| group.info.name)
        .collect()
}
