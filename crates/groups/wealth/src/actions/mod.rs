//! Corporate actions: what companies do to those who hold them. An action is recorded once for the firm and applied to each
//! portfolio that held the instrument before its ex-date: one commit for each, which cannot be made twice.

mod apply;
mod effect;
mod elections;
mod exchange;
mod job;
mod list;
mod models;
mod outcome;
mod ratio;
mod requests;
pub(crate) mod routes;
mod rules;
mod service;
mod undo;

pub(crate) use effect::made_lot_id;
pub(crate) use job::ActionJob;
pub(crate) use models::{CorporateAction, Participation};
pub(crate) use service::CorporateActions;
