//! E-mail addresses: showing that one is yours, and changing it.

pub(crate) mod routes;
mod service;

pub(crate) use service::Emails;
