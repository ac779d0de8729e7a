//! The registry: which groups there are, of which modules, on which port, what they depend on, and which processes are
//! there to be reached.

mod instance;
mod instances;
mod models;
pub(crate) mod routes;
mod service;

pub(crate) use instance::AnnouncedInstance;
pub(crate) use instances::Instances;
pub(crate) use service::RegistryService;
