//! Every group's events: listing, replay and dead letters, read from the groups' own feeds. Nothing is copied.

mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use service::EventsService;
