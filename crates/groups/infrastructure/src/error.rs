use events::FeedError;
use infrastructure_contract::RegistryError;
use kernel::{CallError, ErrorKind, Fault};
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
    fn cause(&self) -> &dyn Fault {
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
        self.cause().kind()
    }

    fn inner(&self) -> Option<&dyn Fault> {
        Some(self.cause())
    }
}
