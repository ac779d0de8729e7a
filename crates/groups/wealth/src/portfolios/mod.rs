//! Portfolios: what somebody holds, on one account or several, and what it is worth.

mod composition;
mod models;
pub(crate) mod requests;
mod revaluation;
pub(crate) mod routes;
mod service;
mod store;
mod value;

pub(crate) use composition::composed;
pub(crate) use models::{PortfolioRecord, Target, TargetBy};
pub(crate) use requests::weight;
pub(crate) use revaluation::Revaluation;
pub(crate) use service::{PortfoliosService, announce, valued};
pub(crate) use store::PortfoliosStore;
pub(crate) use value::{CASH, value_of};
