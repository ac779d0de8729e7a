use auth_contract::AuthError;
use kernel::{CallError, ErrorKind, Fault, FieldError};
use std::borrow::Cow;
use store::StoreError;

/// What a route of this group can answer instead of a result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuthFailure {
    /// Wrong e-mail or wrong password: which of the two is not said.
    #[error("the e-mail or the password is wrong")]
    WrongCredentials,
    /// The refresh token is unknown, used up, expired, or its log-in has been ended.
    #[error("this refresh token is no longer good: log in again")]
    BadRefreshToken,
    /// The same refresh token was exchanged a moment ago.
    #[error("this refresh token was exchanged a moment ago: use the tokens of that answer")]
    RefreshInProgress,
    /// Another user has this e-mail.
    #[error("a user with this e-mail exists already: log in instead")]
    EmailTaken,
    /// The installation does not let anybody register in this role.
    #[error("nobody can register in this role here: ask an administrator for an account")]
    RegistrationClosed,
    /// The password is right, but the user must not log in.
    #[error("this account is suspended: ask an administrator")]
    Suspended,
    /// Nobody takes a role from themselves: a firm must not lose its last administrator that way.
    #[error("you cannot change your own role: ask another administrator")]
    OwnRole,
    /// No such user, or one of another firm.
    #[error("there is no such user")]
    UserNotFound,
    /// No such session, or one of somebody else.
    #[error("there is no such session")]
    SessionNotFound,
    /// Too many passwords are being checked.
    #[error("too many log-ins at once: try again soon")]
    Busy,
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What can go wrong with any call.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl AuthFailure {
    /// A failure on our side, with its cause for the log.
    pub(crate) fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        CallError::internal(cause).into()
    }
}

impl Fault for AuthFailure {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::WrongCredentials | Self::BadRefreshToken => ErrorKind::Unauthenticated,
            Self::RefreshInProgress | Self::EmailTaken | Self::OwnRole => ErrorKind::Conflict,
            Self::RegistrationClosed | Self::Suspended => ErrorKind::Forbidden,
            Self::UserNotFound | Self::SessionNotFound => ErrorKind::NotFound,
            Self::Busy => ErrorKind::Unavailable,
            Self::Store(error) => error.kind(),
            Self::Call(error) => error.kind(),
        }
    }

    fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::WrongCredentials => "invalid_credentials",
            Self::BadRefreshToken => "invalid_refresh_token",
            Self::RefreshInProgress => "refresh_in_progress",
            Self::EmailTaken => "email_taken",
            Self::RegistrationClosed => "registration_closed",
            Self::Suspended => "account_suspended",
            Self::OwnRole => "own_role",
            Self::UserNotFound | Self::SessionNotFound => "not_found",
            Self::Busy => "overloaded",
            Self::Store(error) => return error.code(),
            Self::Call(error) => return error.code(),
        })
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            Self::EmailTaken => vec![FieldError::new("email", "is already taken")],
            Self::RegistrationClosed => vec![FieldError::new("role", "is not open for registration")],
            Self::Store(error) => error.details(),
            Self::Call(error) => error.details(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Busy => Some(1),
            Self::Store(error) => error.retry_after(),
            Self::Call(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl From<AuthFailure> for AuthError {
    fn from(failure: AuthFailure) -> Self {
        match failure {
            AuthFailure::UserNotFound => AuthError::UserNotFound,
            AuthFailure::Store(error) => CallError::from(error).into(),
            AuthFailure::Call(error) => error.into(),
            other => CallError::internal(other).into(),
        }
    }
}
