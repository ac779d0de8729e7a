//! What administrators do with the users of their firm: list, suspend, restore, log out, and act as one of them.

mod impersonation;
mod mfa_reset;
mod models;
pub(crate) mod routes;
mod service;

pub(crate) use impersonation::Impersonation;
pub(crate) use service::Administration;
