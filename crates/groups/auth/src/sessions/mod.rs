//! Sessions: logging in, staying logged in, and ending it.

mod contract;
mod description;
mod ending;
mod events;
mod forced;
mod log_in;
mod models;
mod refresh;
pub(crate) mod routes;
mod second_factor;
mod service;

pub(crate) use contract::RevocationLog;
pub(crate) use models::{EndReason, GivenPassword, RefreshToken, Session};
pub(crate) use routes::no_store;
pub(crate) use service::{Sessions, principal};
