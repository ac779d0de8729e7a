//! Sessions: logging in, staying logged in, and ending it.

mod contract;
mod description;
mod ending;
mod events;
mod log_in;
mod models;
mod refresh;
mod refresh_token;
pub(crate) mod routes;
mod service;

pub(crate) use contract::RevocationLog;
pub(crate) use models::{RefreshToken, Session};
pub(crate) use service::Sessions;
