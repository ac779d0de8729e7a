//! Invitations: somebody is made a user by another, and chooses their own password.

pub(crate) mod routes;
mod service;

pub(crate) use service::Invitations;
