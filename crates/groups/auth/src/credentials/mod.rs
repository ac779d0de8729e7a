//! Passwords of accounts: a new one for who has forgotten it, and another one for who knows it.

pub(crate) mod routes;
mod service;

pub(crate) use service::Credentials;
