//! How a process takes part in the registry.

use crate::{
    Platform,
    registry::advertised,
    switchboard::{Switchboard, Whereabouts},
};
use std::{net::SocketAddr, sync::Arc};

impl Platform {
    /// Announces the groups of this process and follows what others announce. A process that answers for every group
    /// itself has nobody to find and nobody who looks for it.
    pub(crate) fn join_the_others(&self, bound: SocketAddr) {
        if !self.has_others() {
            return;
        }
        let tasks = &self.kit.tasks;
        let address = advertised(&self.kit.settings, bound);
        let board = self.board.clone();
        self.membership
            .announce(tasks, address, move || local_groups(&board));
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
        if !self.has_others() {
            return;
        }
        if let Some(speaker) = local_groups(&self.board).first() {
            self.membership.withdraw(speaker).await;
        }
    }

    fn has_others(&self) -> bool {
        let whereabouts = self.board.whereabouts();
        whereabouts
            .values()
            .any(|place| matches!(place, Whereabouts::Elsewhere { .. }))
    }
}

/// The groups that answer in this process.
fn local_groups(board: &Arc<Switchboard>) -> Vec<&'static str> {
    let whereabouts = board.whereabouts().into_iter();
    whereabouts
        .filter_map(|(name, place)| (place == Whereabouts::Here).then_some(name))
        .collect()
}
