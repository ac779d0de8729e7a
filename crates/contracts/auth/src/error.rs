use kernel::{CallError, ErrorKind, Fault, FieldError};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
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

    fn code(&self) -> Cow<'static, str> {
        match self {
            AuthError::UserNotFound => Cow::Borrowed("not_found"),
            AuthError::Call { call } => call.code(),
        }
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            AuthError::UserNotFound => Vec::new(),
            AuthError::Call { call } => call.details(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            AuthError::UserNotFound => None,
            AuthError::Call { call } => call.retry_after(),
        }
    }
}
