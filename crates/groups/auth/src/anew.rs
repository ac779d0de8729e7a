use crate::AuthFailure;
use kernel::CallContext;
use store::{Store, StoreError};

/// Decides on fresh data until its commit is not overtaken by another; when the deadline comes first, the caller is told
/// to come back.
pub(crate) async fn anew<A>(
    store: &Store,
    cx: &CallContext,
    attempt: impl AsyncFn() -> Result<A, AuthFailure>,
) -> Result<A, AuthFailure> {
    match store.anew(cx, is_overtaken, attempt).await {
        Err(failure) if is_overtaken(&failure) => Err(AuthFailure::Busy),
        decided => decided,
    }
}

fn is_overtaken(failure: &AuthFailure) -> bool {
    matches!(failure, AuthFailure::Store(StoreError::VersionConflict { .. }))
}
