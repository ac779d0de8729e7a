//! What goes out while it happens, through whatever forwards it: the socket of transactions and the stream of reports.

mod limits;
mod reports;
mod socket;
mod stories;

use crate::deployment::Topology;

/// Where each story is told: with finance in the process that users talk to, and with another in front of it.
const TOPOLOGIES: [Topology; 3] = [
    Topology::Monolith,
    Topology::Split,
    Topology::HybridWithout("finance"),
];
