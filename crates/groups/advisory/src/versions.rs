//! Changes against a version that was read.

use crate::error::Error;
use store::{Batch, Store, StoreError};

/// Refuses a change of something that was changed since: by the version of `If-Match`, or the one in the body.
pub(crate) fn check_versions(current: u64, if_match: Option<u64>, in_body: Option<u64>) -> Result<(), Error> {
    if if_match.is_some_and(|expected| expected != current) {
        return Err(Error::PreconditionFailed);
    }
    if in_body.is_some_and(|expected| expected != current) {
        return Err(Error::StaleVersion);
    }
    Ok(())
}

/// A commit that lost a race answers as if the version had been stale from the start.
pub(crate) fn raced(error: StoreError, if_match: Option<u64>) -> Error {
    match error {
        StoreError::VersionConflict { .. } if if_match.is_some() => Error::PreconditionFailed,
        StoreError::VersionConflict { .. } => Error::StaleVersion,
        other => other.into(),
    }
}

/// Commits a change against a version.
pub(crate) async fn commit(store: &Store, batch: Batch, if_match: Option<u64>) -> Result<(), Error> {
    store
        .commit(batch)
        .await
        .map(drop)
        .map_err(|error| raced(error, if_match))
}

/// Whether somebody else was faster, so that it is to be decided anew.
pub(crate) fn overtaken(error: &Error) -> bool {
    matches!(
        error,
        Error::StaleVersion | Error::Store(StoreError::VersionConflict { .. } | StoreError::Duplicate { .. })
    )
}
