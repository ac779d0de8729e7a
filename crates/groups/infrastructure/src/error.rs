use events::FeedError;
use infrastructure_contract::RegistryError;
use kernel::{CallError, ErrorKind, Fault, FieldError};
use std::borrow::Cow;
use store::StoreError;

/// What can go wrong inside the infrastructure group.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Error {
    /// Any call.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A group's feed.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    fn inner(&self) -> &dyn Fault {
        match self {
            Error::Call(error) => error,
            Error::Feed(error) => error,
            Error::Registry(error) => error,
            Error::Store(error) => error,
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
