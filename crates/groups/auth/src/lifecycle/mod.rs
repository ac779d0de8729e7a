//! The account itself: the profile, deleting it, and taking that back.

pub(crate) mod routes;
mod service;

pub(crate) use service::Lifecycle;
