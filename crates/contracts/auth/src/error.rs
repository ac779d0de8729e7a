use kernel::{CallError, ErrorKind, Fault};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a call to the auth group can answer instead of a result.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum AuthError {
    /// No such user, or one of another firm.
    #[error("there is no such user")]
    UserNotFound,
    /// What can go wrong with any call.
    #[error(transparent)]
    Call {
        /// Which.
        #[serde(flatten)]
        #[from]
        call: CallError,
    },
}

impl Fault for AuthError {
    fn kind(&self) -> ErrorKind {
        match self {
            AuthError::UserNotFound => ErrorKind::NotFound,
            AuthError::Call { call } => call.kind(),
        }
    }

    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            AuthError::Call { call } => Some(call),
            _ => None,
        }
    }
}
