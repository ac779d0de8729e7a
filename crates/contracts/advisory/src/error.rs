use kernel::{CallError, ErrorKind, Fault, FieldError};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

/// What a call to the advisory group can answer instead of a result.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum AdvisoryError {
    /// No such client, or somebody else's.
    #[error("there is no such client")]
    ClientNotFound,
    /// What can go wrong with any call.
    #[error(transparent)]
    Call {
        /// Which.
        #[serde(flatten)]
        #[from]
        call: CallError,
    },
}

impl Fault for AdvisoryError {
    fn kind(&self) -> ErrorKind {
        match self {
            AdvisoryError::ClientNotFound => ErrorKind::NotFound,
            AdvisoryError::Call { call } => call.kind(),
        }
    }

    fn code(&self) -> Cow<'static, str> {
        match self {
            AdvisoryError::ClientNotFound => Cow::Borrowed("not_found"),
            AdvisoryError::Call { call } => call.code(),
        }
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            AdvisoryError::ClientNotFound => Vec::new(),
            AdvisoryError::Call { call } => call.details(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            AdvisoryError::ClientNotFound => None,
            AdvisoryError::Call { call } => call.retry_after(),
        }
    }
}
