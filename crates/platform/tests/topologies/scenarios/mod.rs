//! The stories. Each is told by users over HTTP, to an address, and never looks behind it.

mod accounts;
mod advisors_day;
mod audit;
mod bookkeeping;
mod browsers;
mod clients;
mod errors;
mod hostile_input;
mod idempotency;
mod infrastructure;
mod integrations;
mod ledger;
mod limits;
mod revocation;
mod second_factor;
mod signing_in;
mod statements;
mod ways_in;

pub(crate) use accounts::accounts;
pub(crate) use advisors_day::advisors_day;
pub(crate) use audit::audit_log;
pub(crate) use bookkeeping::bookkeeping;
pub(crate) use browsers::browsers;
pub(crate) use clients::{books, client_lists, clients};
pub(crate) use errors::errors;
pub(crate) use hostile_input::hostile_input;
pub(crate) use idempotency::idempotency;
pub(crate) use infrastructure::{event_feeds, system};
pub(crate) use integrations::connections;
pub(crate) use ledger::ledger;
pub(crate) use limits::{large_bodies, rate_limits};
pub(crate) use revocation::{administration, personal_data, revocation};
pub(crate) use second_factor::{key_pairs, pages, second_factor};
pub(crate) use signing_in::{roles, signing_in};
pub(crate) use statements::statements;
pub(crate) use ways_in::ways_in;
