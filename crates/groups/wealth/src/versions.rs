//! Changes against a version that was read.

use crate::error::Error;
use store::{Batch, Store, StoreError};

/// Refuses a change of something that was changed since: by the version of `If-Match`, or the one in the body.
pub(crate) fn check(current: u64, if_match: Option<u64>, in_body: Option<u64>) -> Result<(), Error> {
    if if_match.is_some_and(|expected| expected != current) {
        return Err(Error::PreconditionFailed);
    }
    if in_body.is_some_and(|expected| expected != current) {
        return Err(Error::StaleVersion);
    }
    Ok(())
}

/// Commits a change; says in the caller's terms when somebody else was faster.
pub(crate) async fn commit(store: &Store, batch: Batch, if_match: Option<u64>) -> Result<(), Error> {
    match store.commit(batch).await {
        Ok(_) => Ok(()),
        Err(StoreError::VersionConflict { .. }) if if_match.is_some() => Err(Error::PreconditionFailed),
        Err(StoreError::VersionConflict { .. }) => Err(Error::StaleVersion),
        Err(error) => Err(error.into()),
    }
}
