use kernel::{CallError, Cause, ErrorKind, Fault, FieldError};
use std::{borrow::Cow, sync::Arc};
use uuid::Uuid;

/// What can go wrong with stored data.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed the document in between: read again and decide again.
    #[error("the record was changed by somebody else in the meantime: read it again and repeat the change")]
    VersionConflict {
        /// The collection.
        collection: String,
        /// The document.
        id: Uuid,
    },
    /// A unique index already holds this value.
    #[error("another record already has this {}", fields.join(" and "))]
    Duplicate {
        /// The collection.
        collection: String,
        /// The fields of the unique index; `id` for the id itself.
        fields: Vec<String>,
    },
    /// The collection does not serve this filter or sort.
    #[error("this list cannot be filtered or sorted that way: see details")]
    UnsupportedQuery {
        /// Which parameter, and what is served instead.
        details: Vec<FieldError>,
    },
    /// The paging cursor is not one of ours, or belongs to another list.
    #[error("the cursor does not belong to this list: start again from the first page")]
    BadCursor,
    /// A document does not have the shape that its type says.
    #[error("Internal server error")]
    Shape {
        /// The collection.
        collection: String,
        /// For the log.
        #[source]
        cause: Cause,
    },
    /// The store is away, locked, full or read-only.
    #[error("the data store cannot be reached at the moment: try again soon")]
    Unavailable {
        /// For the log.
        #[source]
        cause: Cause,
    },
    /// Whether a commit happened is not known.
    #[error("the data store did not confirm the change: ask again with the same idempotency key")]
    OutcomeUnknown {
        /// For the log.
        #[source]
        cause: Cause,
    },
    /// The data cannot be opened by this program: a newer schema, a foreign or corrupt file, a bad address.
    #[error("{reason}")]
    Refused {
        /// One clear line for the operator.
        reason: String,
    },
    /// A bug in a declaration or an encoding.
    #[error("Internal server error")]
    Internal {
        /// For the log.
        #[source]
        cause: Cause,
    },
}

impl StoreError {
    /// The store is away.
    pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable {
            cause: Arc::from(cause.into()),
        }
    }

    /// A bug on our side.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal {
            cause: Arc::from(cause.into()),
        }
    }

    /// The data cannot be opened; `reason` is one line for the operator.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            reason: reason.into(),
        }
    }

    pub(crate) fn shape(
        collection: &str,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Shape {
            collection: collection.to_owned(),
            cause: Arc::from(cause.into()),
        }
    }

    pub(crate) fn unsupported(field: &str, message: impl Into<String>) -> Self {
        Self::UnsupportedQuery {
            details: vec![FieldError::new(field, message)],
        }
    }

    /// Whether a commit lost a race against another one, so that reading and deciding again can succeed.
    pub fn is_lost_race(&self) -> bool {
        matches!(
            self,
            StoreError::VersionConflict { .. } | StoreError::Duplicate { .. }
        )
    }
}

impl Fault for StoreError {
    fn kind(&self) -> ErrorKind {
        match self {
            StoreError::VersionConflict { .. } | StoreError::Duplicate { .. } => ErrorKind::Conflict,
            StoreError::UnsupportedQuery { .. } | StoreError::BadCursor => ErrorKind::Invalid,
            StoreError::Unavailable { .. } | StoreError::OutcomeUnknown { .. } => ErrorKind::Unavailable,
            StoreError::Shape { .. } | StoreError::Refused { .. } | StoreError::Internal { .. } => {
                ErrorKind::Internal
            }
        }
    }

    fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            StoreError::VersionConflict { .. } => "version_conflict",
            StoreError::Duplicate { .. } => "duplicate",
            StoreError::UnsupportedQuery { .. } => "unsupported_query",
            StoreError::BadCursor => "bad_cursor",
            StoreError::Unavailable { .. } => "store_unavailable",
            StoreError::OutcomeUnknown { .. } => "outcome_unknown",
            other => other.kind().code(),
        })
    }

    fn details(&self) -> Vec<FieldError> {
        match self {
            StoreError::UnsupportedQuery { details } => details.clone(),
            StoreError::BadCursor => vec![FieldError::new("cursor", self.to_string())],
            StoreError::Duplicate { fields, .. } => fields
                .iter()
                .map(|field| FieldError::new(field, "is already taken"))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        matches!(
            self,
            StoreError::Unavailable { .. } | StoreError::OutcomeUnknown { .. }
        )
        .then_some(1)
    }
}

impl From<StoreError> for CallError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UnsupportedQuery { details } => CallError::Invalid { details },
            StoreError::BadCursor => CallError::invalid("cursor", StoreError::BadCursor.to_string()),
            StoreError::Unavailable { cause } | StoreError::OutcomeUnknown { cause } => {
                CallError::StoreUnavailable { cause: Some(cause) }
            }
            other => CallError::internal(other),
        }
    }
}
