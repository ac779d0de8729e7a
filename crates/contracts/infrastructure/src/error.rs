use kernel::{CallError, ErrorKind, Fault, FieldError};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
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

    fn code(&self) -> Cow<'static, str> {
        match self {
            RegistryError::InstanceNotFound => Cow::Borrowed("not_found"),
            RegistryError::Call { call } => call.code(),
        }
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            RegistryError::InstanceNotFound => Vec::new(),
            RegistryError::Call { call } => call.details(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            RegistryError::InstanceNotFound => None,
            RegistryError::Call { call } => call.retry_after(),
        }
    }
}
