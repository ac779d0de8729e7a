use serde::{Deserialize, Serialize};
use std::{borrow::Cow, error::Error, sync::Arc};
use utoipa::ToSchema;

/// The closed set of what can go wrong. Mapped to an HTTP status once, at the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The bytes cannot be read at all: 400.
    Malformed,
    /// Nobody has logged in, or the proof is no good: 401.
    Unauthenticated,
    /// Known, but not allowed: 403.
    Forbidden,
    /// Unknown, or somebody else's: the same answer, 404.
    NotFound,
    /// The path exists, the method does not: 405.
    MethodNotAllowed,
    /// No representation that the caller accepts: 406.
    NotAcceptable,
    /// The caller was too slow to send: 408.
    RequestTimeout,
    /// It contradicts what is stored: 409.
    Conflict,
    /// `If-Match` names a version that is gone: 412.
    PreconditionFailed,
    /// Too many bytes: 413.
    TooLarge,
    /// Not a format that is read here: 415.
    UnsupportedMediaType,
    /// Readable, but wrong: 422.
    Invalid,
    /// A system outside of this platform, which this needs, did not do its part; nothing was changed here: 424.
    FailedDependency,
    /// Too often: 429.
    TooManyRequests,
    /// Our fault: 500.
    Internal,
    /// Something that is needed is away: 503.
    Unavailable,
    /// No answer in time; whether it happened is unknown: 504.
    Timeout,
}

impl ErrorKind {
    /// The machine-readable code that stands for the kind where nothing more precise is said.
    pub fn code(self) -> &'static str {
        match self {
            ErrorKind::Malformed => "malformed",
            ErrorKind::Unauthenticated => "unauthenticated",
            ErrorKind::Forbidden => "forbidden",
            ErrorKind::NotFound => "not_found",
            ErrorKind::MethodNotAllowed => "method_not_allowed",
            ErrorKind::NotAcceptable => "not_acceptable",
            ErrorKind::RequestTimeout => "request_timeout",
            ErrorKind::Conflict => "conflict",
            ErrorKind::PreconditionFailed => "precondition_failed",
            ErrorKind::TooLarge => "too_large",
            ErrorKind::UnsupportedMediaType => "unsupported_media_type",
            ErrorKind::Invalid => "validation_error",
            ErrorKind::FailedDependency => "failed_dependency",
            ErrorKind::TooManyRequests => "too_many_requests",
            ErrorKind::Internal => "internal",
            ErrorKind::Unavailable => "unavailable",
            ErrorKind::Timeout => "timeout",
        }
    }
}

/// What is wrong with one field of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The path of the field, as in `extra_payments[2].amount`; `row 17` for a line of a file.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl FieldError {
    /// A complaint about one field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// The body of every error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ErrorResponse)]
pub struct ErrorBody {
    /// A machine-readable code.
    pub error: String,
    /// What happened and what to do, for a person.
    pub message: String,
    /// What is wrong field by field, where that is known.
    pub details: Option<Vec<FieldError>>,
}

/// An error that knows what the outside may see of it.
///
/// `Display` is the public message: it says what to do and nothing of the inside. The cause is `Error::source`: it
/// goes to the log and never to a client.
pub trait Fault: Error {
    /// The kind: decides the HTTP status.
    fn kind(&self) -> ErrorKind;

    /// The error from below that this one only passes on: what is not said here is then what it says.
    fn inner(&self) -> Option<&dyn Fault> {
        None
    }

    /// The machine-readable code.
    fn code(&self) -> Cow<'static, str> {
        self.inner()
            .map_or(Cow::Borrowed(self.kind().code()), Fault::code)
    }

    /// What is wrong field by field.
    fn details(&self) -> Vec<FieldError> {
        self.inner().map(Fault::details).unwrap_or_default()
    }

    /// Seconds after which trying again makes sense.
    fn retry_after(&self) -> Option<u64> {
        self.inner().and_then(Fault::retry_after)
    }
}

/// A cause that is logged and never sent.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// What can go wrong with any call over the seam, whatever it asks. Every contract's error has a place for it.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum CallError {
    /// Nobody has logged in.
    #[error("log in first: this needs a valid access token")]
    Unauthenticated,
    /// The caller's role does not allow it.
    #[error("your role does not allow this: it needs the permission '{permission}'")]
    Forbidden {
        /// The permission that is missing.
        permission: String,
    },
    /// What was sent is wrong.
    #[error("some fields are not right: see details")]
    Invalid {
        /// Field by field.
        details: Vec<FieldError>,
    },
    /// The group that would answer is away.
    #[error("'{target}' cannot be reached at the moment: try again soon")]
    DependencyUnavailable {
        /// The group.
        target: String,
    },
    /// The store is away or full.
    #[error("the data store cannot be reached at the moment: try again soon")]
    StoreUnavailable {
        /// For the log.
        #[serde(skip)]
        #[source]
        cause: Option<Cause>,
    },
    /// No answer before the deadline. An effect may have happened.
    #[error("no answer in time; the outcome is unknown: ask again with the same idempotency key")]
    Timeout {
        /// The group.
        target: String,
    },
    /// The key was used for another request.
    #[error("this idempotency key was already used for another request: use a new key")]
    KeyReused,
    /// The process that answers is older or newer than its caller: it does not know the method.
    #[error("'{method}' is not offered by the process that answers: run the same version everywhere")]
    NotOffered {
        /// The method, as in `advisory.book.link`.
        method: String,
    },
    /// Calls call each other in a circle.
    #[error("the request needs too many calls on top of each other")]
    TooDeep,
    /// Our fault.
    #[error("Internal server error")]
    Internal {
        /// For the log.
        #[serde(skip)]
        #[source]
        cause: Option<Cause>,
    },
}

impl CallError {
    /// An internal error with its cause for the log.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal {
            cause: Some(Arc::from(cause.into())),
        }
    }

    /// One wrong field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            details: vec![FieldError::new(field, message)],
        }
    }

    /// A missing permission.
    pub fn forbidden(permission: impl Into<String>) -> Self {
        Self::Forbidden {
            permission: permission.into(),
        }
    }
}

impl Fault for CallError {
    fn kind(&self) -> ErrorKind {
        match self {
            CallError::Unauthenticated => ErrorKind::Unauthenticated,
            CallError::Forbidden { .. } => ErrorKind::Forbidden,
            CallError::Invalid { .. } => ErrorKind::Invalid,
            CallError::DependencyUnavailable { .. }
            | CallError::StoreUnavailable { .. }
            | CallError::NotOffered { .. } => ErrorKind::Unavailable,
            CallError::Timeout { .. } => ErrorKind::Timeout,
            CallError::KeyReused => ErrorKind::Conflict,
            CallError::TooDeep | CallError::Internal { .. } => ErrorKind::Internal,
        }
    }

    fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            CallError::DependencyUnavailable { .. } => "dependency_unavailable",
            CallError::StoreUnavailable { .. } => "store_unavailable",
            CallError::KeyReused => "idempotency_key_reused",
            CallError::NotOffered { .. } => "not_offered",
            CallError::TooDeep => "call_depth_exceeded",
            other => other.kind().code(),
        })
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            CallError::Invalid { details } => details.clone(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            CallError::DependencyUnavailable { .. } | CallError::StoreUnavailable { .. } => Some(1),
            _ => None,
        }
    }
}
