//! How a process takes part in the registry.

use crate::{
    Placement, Platform,
    registry::advertised,
    switchboard::{Switchboard, Whereabouts},
};
use std::net::SocketAddr;

impl Platform {
    /// Announces the groups of this process and follows what others announce, whenever some group answers elsewhere. A
    /// process that answers for every group itself has nobody to find and nobody who looks for it.
    pub(crate) fn join_the_others(&self, bound: SocketAddr) {
        let tasks = &self.kit.tasks;
        let address = advertised(&self.kit.settings, bound);
        let board = self.board.clone();
        // Who serves some modules of a group alone is no place for requests to the group.
        let is_whole = self.kit.settings.server.modules.is_empty();
        self.membership
            .announce(tasks, address, move || match has_others(&board) && is_whole {
                true => local_groups(&board),
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
            ways.filter_map(|way| {
                Some((
                    way.endpoints().clone(),
                    placed(way.info.name).filter(|all| !all.is_empty())?,
                ))
            })
            .collect()
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

/// The groups that answer in this process alone: one that is split is announced by the others that have it.
fn local_groups(board: &Switchboard) -> Vec<&'static str> {
    let topology = board.current();
    let groups = topology.groups().iter();
    groups
        .filter(|group| group.built && group.placement == Some(Placement::Local))
        .map(|group| group.info.name)
        .collect()
}
