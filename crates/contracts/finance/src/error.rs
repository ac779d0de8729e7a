use kernel::{CallError, ErrorKind, Fault, FieldError};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

/// What a call to the finance group can answer instead of a result.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum FinanceError {
    /// No such account, or somebody else's.
    #[error("there is no such account")]
    AccountNotFound,
    /// No such user, or one who is none of the caller's business.
    #[error("there is no such user")]
    UserNotFound,
    /// A command that can be read but not carried out.
    #[error("{reason}")]
    Refused {
        /// Which field it hangs on.
        field: String,
        /// What to do instead.
        reason: String,
    },
    /// A command that what was decided before forbids: a closed period, a closed account.
    #[error("{reason}")]
    Conflict {
        /// Which, as in `period_closed`.
        code: String,
        /// Which field it hangs on.
        field: String,
        /// What to do instead.
        reason: String,
    },
    /// What can go wrong with any call.
    #[error(transparent)]
    Call {
        /// Which.
        #[serde(flatten)]
        #[from]
        call: CallError,
    },
}

impl Fault for FinanceError {
    fn kind(&self) -> ErrorKind {
        match self {
            FinanceError::AccountNotFound | FinanceError::UserNotFound => ErrorKind::NotFound,
            FinanceError::Refused { .. } => ErrorKind::Malformed,
            FinanceError::Conflict { .. } => ErrorKind::Conflict,
            FinanceError::Call { call } => call.kind(),
        }
    }

    fn code(&self) -> Cow<'static, str> {
        match self {
            FinanceError::Refused { .. } => Cow::Borrowed("transaction_refused"),
            FinanceError::Conflict { code, .. } => Cow::Owned(code.clone()),
            other => other
                .inner()
                .map_or(Cow::Borrowed(other.kind().code()), Fault::code),
        }
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            FinanceError::Refused { field, reason } | FinanceError::Conflict { field, reason, .. } => {
                vec![FieldError::new(field, reason)]
            }
            other => other.inner().map(Fault::details).unwrap_or_default(),
        }
    }

    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            FinanceError::Call { call } => Some(call),
            _ => None,
        }
    }
}
