use kernel::{CallError, ErrorKind, Fault};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use store::StoreError;
use utoipa::ToSchema;

/// What a call to a feed can answer instead of a result.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum FeedError {
    /// The group has no such consumer, or it does not read that feed.
    #[error("there is no such consumer, or it does not read that feed")]
    UnknownConsumer,
    /// No such dead letter: dealt with by now, or another firm's.
    #[error("there is no such dead letter")]
    UnknownDeadLetter,
    /// What the consumer made cannot be built anew.
    #[error(
        "what '{consumer}' did cannot be undone, so it cannot begin anew: name a feed and a place to read from"
    )]
    NotRebuildable {
        /// The consumer.
        consumer: String,
    },
    /// The event failed again.
    #[error("the event failed again: {reason}")]
    StillFailing {
        /// Why.
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

impl From<StoreError> for FeedError {
    fn from(error: StoreError) -> Self {
        CallError::from(error).into()
    }
}

impl Fault for FeedError {
    fn kind(&self) -> ErrorKind {
        match self {
            FeedError::UnknownConsumer | FeedError::UnknownDeadLetter => ErrorKind::NotFound,
            FeedError::NotRebuildable { .. } | FeedError::StillFailing { .. } => ErrorKind::Conflict,
            FeedError::Call { call } => call.kind(),
        }
    }

    fn code(&self) -> Cow<'static, str> {
        match self {
            FeedError::UnknownConsumer => Cow::Borrowed("unknown_consumer"),
            FeedError::NotRebuildable { .. } => Cow::Borrowed("not_rebuildable"),
            FeedError::StillFailing { .. } => Cow::Borrowed("still_failing"),
            other => other
                .inner()
                .map_or(Cow::Borrowed(other.kind().code()), Fault::code),
        }
    }

    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            FeedError::Call { call } => Some(call),
            _ => None,
        }
    }
}
