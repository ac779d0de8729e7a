//! Inventory: items, where they lie, what moved, what it cost, and when to order.
//!
//! An item's document holds its stock: quantity by location and the cost layers behind it. Every movement is an insert, and
//! replaces the item by compare-and-set in the same commit: of two clients who sell the last unit at the same moment one
//! wins, and the other is decided anew from what is left then. What an issue costs is rounded to the smallest unit once;
//! its layer keeps the rest, so what came in is what went out and what is left, to the last unit.
//!
//! An item is *low* when what is on hand is at or below its reorder point. `inventory.low_stock` is said when it becomes low,
//! with the reason, and a reorder is opened with it unless one is open: there is one open reorder at a time.

mod bookkeeping;
mod costing;
mod csv;
mod gauges;
mod items;
mod models;
mod movement_requests;
mod movements;
mod reorders;
mod replenishment;
mod requests;
pub(crate) mod routes;
mod store;
mod transfer;

pub use gauges::InventoryMetrics;
pub(crate) use items::ItemsService;
pub(crate) use models::{ItemRecord, LocationRecord, MovementRecord, ReorderRecord};
pub(crate) use movements::MovementsService;
pub(crate) use reorders::ReordersService;
pub(crate) use store::InventoryStore;
pub(crate) use transfer::ItemFiles;
