use kernel::{CallError, ErrorKind, Fault};
use serde::{Deserialize, Serialize};
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

    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            AdvisoryError::Call { call } => Some(call),
            _ => None,
        }
    }
}
