//! Messages to clients: drafted, approved, sent by a job, and kept as a log.
//!
//! Nobody is mailed twice. A message is `sending` before anything leaves the house, and *in hand* while it is handed over:
//! both are committed first. When a process ends in between, nobody knows whether the mail server took the message, so it
//! is not sent again: it becomes `failed` with `outcome_unknown`, and a person decides. Only where sending again replaces
//! what was sent before, as with mail that is written into files, it is sent again.

mod job;
mod models;
mod requests;
pub(crate) mod routes;
mod sending;
mod service;
mod steps;
mod variables;
mod waiting;

pub(crate) use job::MessageJob;
pub(crate) use models::{MessageRecord, MessageStatus};
pub(crate) use service::MessagesService;
pub(crate) use waiting::cancel_waiting;
