//! The registry: which groups there are, of which modules, on which port, and what they depend on.

mod models;
pub(crate) mod routes;
mod service;

pub(crate) use service::RegistryService;
