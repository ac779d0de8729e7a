//! What is known about a user, of all groups: told to them, and forgotten.

pub(crate) mod routes;
mod service;

pub(crate) use service::PersonalRecords;
