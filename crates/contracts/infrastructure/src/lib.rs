//! What the infrastructure group promises to the other groups: who is there to be reached.

mod contract;
mod error;
mod info;
mod registry;

pub use contract::{VERSION, contract};
pub use error::RegistryError;
pub use info::INFO;
pub use registry::{Announcement, Instance, InstanceId, Registry, RegistryClient, RegistryStub};
