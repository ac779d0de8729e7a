use advisory_contract::AdvisoryError;
use auth_contract::AuthError;
use calculator::Refusal;
use kernel::{CallError, ErrorKind, Fault, FieldError};
use std::borrow::Cow;
use store::StoreError;

/// What can go wrong inside the wealth group.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Error {
    /// No such user, or one who is none of the caller's business.
    #[error("there is no such user")]
    UserNotFound,
    /// No such thing, or somebody else's.
    #[error("there is no such {what}")]
    Missing {
        /// What kind it would be.
        what: &'static str,
    },
    /// `If-Match` names a version that is gone.
    #[error("it was changed in the meantime: read it again and repeat the change")]
    PreconditionFailed,
    /// The `version` in the body is gone.
    #[error("it was changed in the meantime: read it again and repeat the change")]
    StaleVersion,
    /// It contradicts what there is.
    #[error("{reason}")]
    Standing {
        /// The machine-readable code.
        code: &'static str,
        /// What contradicts it and what to do.
        reason: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Any call.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The auth group.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The advisory group.
    #[error(transparent)]
    Advisory(#[from] AdvisoryError),
}

impl Error {
    /// One wrong field.
    pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Self {
        CallError::invalid(field, message).into()
    }

    /// Many wrong fields.
    pub(crate) fn all_invalid(details: Vec<FieldError>) -> Self {
        CallError::Invalid { details }.into()
    }

    /// Whether somebody else was faster: what was decided is to be decided anew.
    pub(crate) fn is_lost_race(&self) -> bool {
        matches!(self, Error::Store(error) if error.is_lost_race())
    }

    /// A refusal that stands in the way.
    pub(crate) fn standing(code: &'static str, reason: impl Into<String>) -> Self {
        Error::Standing {
            code,
            reason: reason.into(),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid { field, message } => Error::invalid(&field, message),
            Refusal::NoAnswer(reason) => Error::invalid("body", reason),
        }
    }
}

impl Fault for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Error::UserNotFound | Error::Missing { .. } => ErrorKind::NotFound,
            Error::PreconditionFailed => ErrorKind::PreconditionFailed,
            Error::StaleVersion | Error::Standing { .. } => ErrorKind::Conflict,
            other => other.inner().map_or(ErrorKind::Internal, Fault::kind),
        }
    }

    fn code(&self) -> Cow<'static, str> {
        match self {
            Error::StaleVersion => Cow::Borrowed("version_conflict"),
            Error::Standing { code, .. } => Cow::Borrowed(code),
            other => other
                .inner()
                .map_or(Cow::Borrowed(self.kind().code()), Fault::code),
        }
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            Error::StaleVersion => vec![FieldError::new("version", self.to_string())],
            other => other.inner().map(Fault::details).unwrap_or_default(),
        }
    }

    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            Error::Store(error) => Some(error),
            Error::Call(error) => Some(error),
            Error::Auth(error) => Some(error),
            Error::Advisory(error) => Some(error),
            _ => None,
        }
    }
}
