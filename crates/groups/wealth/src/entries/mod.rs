//! What happened in portfolios: entries, inserted and never changed, from which lots, positions and cash follow. An entry says
//! which lots it took and which it made, so whoever applies it again gets what there was.

mod desk;
mod holding;
mod models;
pub(crate) mod requests;
pub(crate) mod routes;
mod sale;
mod service;
mod state;
mod store;

pub(crate) use desk::{Deal, Desk, account_of};
pub(crate) use holding::{Holding, holding_id};
pub(crate) use models::{Entry, EntryKind, Leg, Lot, LotMove};
pub(crate) use requests::{MethodName, price_check, quantity_check};
pub(crate) use routes::NoFilter;
pub(crate) use sale::{Proceeds, SaleRule, rounded, sell};
pub(crate) use service::EntriesService;
pub(crate) use state::{AccountState, BookState, PositionState};
pub(crate) use store::EntriesStore;
