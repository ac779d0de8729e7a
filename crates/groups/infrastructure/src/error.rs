use events::FeedError;
use kernel::{CallError, ErrorKind, Fault, FieldError};
use std::borrow::Cow;

/// What can go wrong inside the infrastructure group.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Error {
    /// Any call.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A group's feed.
    #[error(transparent)]
    Feed(#[from] FeedError),
}

impl Error {
    fn inner(&self) -> &dyn Fault {
        match self {
            Error::Call(error) => error,
            Error::Feed(error) => error,
        }
    }
}

impl Fault for Error {
    fn kind(&self) -> ErrorKind {
        self.inner().kind()
    }

    fn code(&self) -> Cow<'static, str> {
        self.inner().code()
    }

    fn details(&self) -> Vec<FieldError> {
        self.inner().details()
    }

    fn retry_after(&self) -> Option<u64> {
        self.inner().retry_after()
    }
}
