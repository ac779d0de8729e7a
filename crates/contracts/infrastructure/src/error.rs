use kernel::{CallError, ErrorKind, Fault};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a call to the registry can answer instead of a result.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum RegistryError {
    /// No such instance, or its time is over.
    #[error("there is no such instance: announce it")]
    InstanceNotFound,
    /// What can go wrong with any call.
    #[error(transparent)]
    Call {
        /// Which.
        #[serde(flatten)]
        #[from]
        call: CallError,
    },
}

impl Fault for RegistryError {
    fn kind(&self) -> ErrorKind {
        match self {
            RegistryError::InstanceNotFound => ErrorKind::NotFound,
            RegistryError::Call { call } => call.kind(),
        }
    }

    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            RegistryError::Call { call } => Some(call),
            _ => None,
        }
    }
}
