use crate::StoreError;
use rusqlite::ErrorCode;
use std::path::Path;

/// What a failure while working means to the caller.
pub(super) fn working(path: &Path, error: rusqlite::Error) -> StoreError {
    let Some(code) = error.sqlite_error_code() else {
        return StoreError::internal(error);
    };
    match code {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::unavailable(format!(
            "{} is damaged ({error}): stop the process and restore the file from a backup",
            path.display()
        )),
        _ if is_away(code) => StoreError::unavailable(format!("{}: {error}", path.display())),
        _ => StoreError::internal(error),
    }
}

/// What a failure of `COMMIT` means: after an I/O error nobody knows what reached the disk.
pub(super) fn committing(path: &Path, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::SystemIoFailure) => StoreError::OutcomeUnknown {
            cause: std::sync::Arc::new(error),
        },
        _ => working(path, error),
    }
}

/// What a failure at the start means: one line that says what to do.
pub(super) fn opening(path: &Path, error: rusqlite::Error) -> StoreError {
    let place = path.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::refused(format!(
            "{place} is not a WealthOS database (it is no SQLite file): move it away, or set another data directory"
        )),
        Some(ErrorCode::DatabaseCorrupt) => StoreError::refused(format!(
            "{place} is damaged ({error}): restore it from a backup, or move it away to begin anew"
        )),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            StoreError::refused(format!(
                "{place} cannot be opened for writing ({error}): check the owner and the permissions of the data \
                 directory, or set another with --data-dir"
            ))
        }
        Some(ErrorCode::DiskFull) => StoreError::refused(format!(
            "{place}: the disk is full: free some space and start again"
        )),
        Some(code) if is_away(code) => StoreError::unavailable(format!("{place}: {error}")),
        _ => StoreError::internal(error),
    }
}

fn is_away(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::SystemIoFailure
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OutOfMemory
    )
}
