use kernel::{CallError, Cause, ErrorKind, Fault};
use std::{error::Error, sync::Arc};
use store::StoreError;

/// Why a consumer or a job could not do its work.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// Something that is needed is away: the same thing will be tried again.
    #[error("{reason}")]
    Transient {
        /// What, for the operator.
        reason: String,
        /// For the log.
        #[source]
        cause: Option<Cause>,
    },
    /// Trying again changes nothing.
    #[error("{reason}")]
    Permanent {
        /// What, for the operator.
        reason: String,
        /// For the log.
        #[source]
        cause: Option<Cause>,
    },
}

impl Failure {
    /// Something that is needed is away.
    pub fn transient(reason: impl Into<String>) -> Self {
        Self::Transient {
            reason: reason.into(),
            cause: None,
        }
    }

    /// Trying again changes nothing.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self::Permanent {
            reason: reason.into(),
            cause: None,
        }
    }

    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Failure::Transient { .. })
    }

    /// What happened to a call: transient when somebody is away or late, permanent otherwise. For errors of contracts.
    pub fn from_fault(fault: impl Fault + Send + Sync + 'static) -> Self {
        let transient = matches!(
            fault.kind(),
            ErrorKind::Unavailable
                | ErrorKind::Timeout
                | ErrorKind::TooManyRequests
                | ErrorKind::FailedDependency
        );
        Self::caused(transient, fault)
    }

    /// What may go away when it is tried again, and is given up when it does not.
    pub(crate) fn maybe_transient(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::caused(true, cause)
    }

    fn caused(transient: bool, cause: impl Error + Send + Sync + 'static) -> Self {
        let reason = cause.to_string();
        let cause: Option<Cause> = Some(Arc::new(cause));
        match transient {
            true => Self::Transient { reason, cause },
            false => Self::Permanent { reason, cause },
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::from_fault(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::VersionConflict { .. } => Self::caused(true, error),
            other => Self::from_fault(other),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::caused(false, error)
    }
}
