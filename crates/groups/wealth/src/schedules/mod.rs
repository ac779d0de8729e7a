//! Recurring orders: systematic investment and withdrawal plans. A schedule has dates; on each that is due an instalment is made
//! once, by whichever process comes first, in one commit with its order and with the schedule's progress.

mod calendar;
mod instalment;
mod models;
mod requests;
mod rhythm;
pub(crate) mod routes;
mod runner;
mod service;

pub(crate) use instalment::InstalmentRecord;
pub(crate) use models::{ScheduleRecord, ScheduleState, ScheduleType};
pub(crate) use runner::Runner;
pub(crate) use service::Schedules;
