use advisory_contract::AdvisoryError;
use auth_contract::AuthError;
use kernel::{CallError, ErrorKind, Fault, FieldError};
use std::borrow::Cow;
use store::StoreError;

/// What can go wrong inside the advisory group.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// No such client, or somebody else's.
    #[error("there is no such client")]
    ClientNotFound,
    /// `If-Match` names a version that is gone.
    #[error("the client was changed in the meantime: read it again and repeat the change")]
    PreconditionFailed,
    /// The `version` in the body is gone.
    #[error("the client was changed in the meantime: read it again and repeat the change")]
    StaleVersion,
    /// No such thing of another kind, or somebody else's.
    #[error("there is no such {what}")]
    Missing {
        /// What kind it would be.
        what: &'static str,
    },
    /// It contradicts what there is.
    #[error("{reason}")]
    Standing {
        /// The machine-readable code.
        code: &'static str,
        /// What contradicts it and what to do.
        reason: String,
    },
    /// A file that is too large to be kept.
    #[error("the file may have at most 10485760 bytes")]
    FileTooLarge,
    /// The user is already somebody's client.
    #[error("this user is already a client: ask for the client to be reassigned instead")]
    AlreadyClient,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Any call.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The auth group.
    #[error(transparent)]
    Auth(#[from] AuthError),
}

impl Error {
    /// One wrong field.
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        CallError::invalid(field, message).into()
    }

    /// Something that contradicts what there is.
    pub(crate) fn standing(code: &'static str, reason: impl Into<String>) -> Self {
        Self::Standing {
            code,
            reason: reason.into(),
        }
    }
}

impl Fault for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Error::ClientNotFound | Error::Missing { .. } => ErrorKind::NotFound,
            Error::Standing { .. } => ErrorKind::Conflict,
            Error::FileTooLarge => ErrorKind::TooLarge,
            Error::PreconditionFailed => ErrorKind::PreconditionFailed,
            Error::StaleVersion | Error::AlreadyClient => ErrorKind::Conflict,
            Error::Auth(AuthError::UserNotFound) => ErrorKind::Invalid,
            other => other.inner().map_or(ErrorKind::Internal, Fault::kind),
        }
    }

    fn code(&self) -> Cow<'static, str> {
        match self {
            Error::StaleVersion => Cow::Borrowed("version_conflict"),
            Error::AlreadyClient => Cow::Borrowed("already_client"),
            Error::Standing { code, .. } => Cow::Borrowed(code),
            Error::Auth(AuthError::UserNotFound) => Cow::Borrowed(ErrorKind::Invalid.code()),
            other => other
                .inner()
                .map_or(Cow::Borrowed(self.kind().code()), Fault::code),
        }
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            Error::StaleVersion => vec![FieldError::new("version", self.to_string())],
            Error::Auth(error @ AuthError::UserNotFound) => {
                vec![FieldError::new("user_id", error.to_string())]
            }
            other => other.inner().map(Fault::details).unwrap_or_default(),
        }
    }

    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            Error::Store(error) => Some(error),
            Error::Call(error) => Some(error),
            Error::Auth(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Error> for AdvisoryError {
    fn from(error: Error) -> Self {
        match error {
            Error::ClientNotFound => AdvisoryError::ClientNotFound,
            Error::Store(error) => AdvisoryError::Call { call: error.into() },
            Error::Call(call) => AdvisoryError::Call { call },
            other => AdvisoryError::Call {
                call: CallError::internal(other),
            },
        }
    }
}
