//! Goals: what a client saves for, and whether it will be enough.

mod job;
mod models;
mod outlook;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use job::GoalsJob;
pub(crate) use models::GoalRecord;
pub(crate) use service::GoalsService;
