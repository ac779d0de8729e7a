use auth_contract::AuthError;
use kernel::{CallError, ErrorKind, Fault, FieldError};
use std::borrow::Cow;
use store::StoreError;

/// What a route of this group can answer instead of a result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IntegrationsFailure {
    /// The platform does not know the key.
    #[error(
        "{platform} does not accept this API key: make a new one there, or check that it was copied whole"
    )]
    KeyRejected {
        /// Its name for people.
        platform: &'static str,
    },
    /// The platform cannot be reached, is broken, or has had enough of us.
    #[error("{platform} cannot be asked at the moment: nothing was changed, try again soon")]
    PlatformUnavailable {
        /// Its name for people.
        platform: &'static str,
        /// Seconds after which trying again makes sense.
        retry_after: u64,
        /// For the log.
        cause: String,
    },
    /// The platform did not answer in time.
    #[error("{platform} did not answer in time: nothing was changed, try again soon")]
    PlatformSlow {
        /// Its name for people.
        platform: &'static str,
    },
    /// The user may no longer act.
    #[error("this account is not active: ask an administrator")]
    NotActive,
    /// No such sync, or somebody else's.
    #[error("there is no such database sync")]
    SyncNotFound,
    /// No such run, or of somebody else's sync.
    #[error("there is no such run")]
    RunNotFound,
    /// A sync has one run at a time.
    #[error("a run of this sync is under way: wait until it has ended")]
    SyncRunning,
    /// More syncs than one user may have.
    #[error("you have {most} database syncs: delete one you do not need")]
    TooManySyncs {
        /// How many they may have.
        most: usize,
    },
    /// The operator does not let this host be contacted.
    #[error(
        "databases on this host may not be reached: ask the operator to add it to integrations.database_hosts"
    )]
    HostNotAllowed,
    /// `If-Match` names a version that is gone.
    #[error("it was changed in the meantime: read it again and repeat the change")]
    PreconditionFailed,
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What can go wrong with any call.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl IntegrationsFailure {
    /// A failure on our side, with its cause for the log.
    pub(crate) fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        CallError::internal(cause).into()
    }
}

impl Fault for IntegrationsFailure {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::KeyRejected { .. } => ErrorKind::Invalid,
            Self::PlatformUnavailable { .. } | Self::PlatformSlow { .. } => ErrorKind::FailedDependency,
            Self::NotActive => ErrorKind::Forbidden,
            Self::SyncNotFound | Self::RunNotFound => ErrorKind::NotFound,
            Self::SyncRunning | Self::TooManySyncs { .. } => ErrorKind::Conflict,
            Self::HostNotAllowed => ErrorKind::Invalid,
            Self::PreconditionFailed => ErrorKind::PreconditionFailed,
            Self::Store(error) => error.kind(),
            Self::Call(error) => error.kind(),
        }
    }

    fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::KeyRejected { .. } => "credentials_rejected",
            Self::PlatformUnavailable { .. } => "platform_unavailable",
            Self::PlatformSlow { .. } => "platform_timeout",
            Self::NotActive => "account_not_active",
            Self::SyncRunning => "sync_running",
            Self::TooManySyncs { .. } => "too_many_syncs",
            Self::HostNotAllowed => "host_not_allowed",
            Self::SyncNotFound | Self::RunNotFound | Self::PreconditionFailed => {
                return Cow::Borrowed(self.kind().code());
            }
            Self::Store(error) => return error.code(),
            Self::Call(error) => return error.code(),
        })
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            Self::KeyRejected { .. } => vec![FieldError::new("api_key", "is not accepted by the platform")],
            Self::HostNotAllowed => vec![FieldError::new("connection", self.to_string())],
            Self::Store(error) => error.details(),
            Self::Call(error) => error.details(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::PlatformUnavailable { retry_after, .. } => Some(*retry_after),
            Self::PlatformSlow { .. } => Some(5),
            Self::Store(error) => error.retry_after(),
            Self::Call(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl From<AuthError> for IntegrationsFailure {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::UserNotFound => Self::NotActive,
            AuthError::Call { call } => call.into(),
        }
    }
}
