//! What a driver's error means to a caller.

use crate::StoreError;
use mongodb::error::{
    Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT, WriteFailure,
};

/// Whether a server's code says that a unique index refused a document.
pub(super) fn is_duplicate_key(code: i32) -> bool {
    matches!(code, 11000 | 11001)
}

/// Whether a collection does not exist yet.
pub(super) fn is_no_collection(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(failed) if failed.code == 26)
}

/// The code of an index that exists with other options.
const INDEX_CONFLICTS: [i32; 2] = [85, 86];

/// The codes of a server that stops, or is no longer or not yet the primary: another one answers soon. From the
/// specification of server discovery and monitoring, "not writable primary" and "node is recovering".
const NOT_PRIMARY: [i32; 8] = [91, 189, 10107, 11600, 11602, 13435, 13436, 10058];

/// Whether the whole transaction may be run again: nothing of it stands.
pub(super) fn is_transient(error: &Error) -> bool {
    error.contains_label(TRANSIENT_TRANSACTION_ERROR)
}

/// Whether a commit may or may not stand: committing again settles it.
pub(super) fn is_unknown_commit(error: &Error) -> bool {
    error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT)
}

/// The name of the unique index that refused a document, if that is what happened.
pub(super) fn duplicate(error: &Error) -> Option<String> {
    let (code, message) = match &*error.kind {
        ErrorKind::Write(WriteFailure::WriteError(failed)) => (failed.code, failed.message.as_str()),
        ErrorKind::InsertMany(failed) => {
            let first = failed.write_errors.as_ref()?.first()?;
            (first.code, first.message.as_str())
        }
        ErrorKind::Command(failed) => (failed.code, failed.message.as_str()),
        _ => return None,
    };
    is_duplicate_key(code).then(|| index_name(message).unwrap_or("unknown index").to_owned())
}

/// The name in `E11000 duplicate key error collection: db.coll index: NAME dup key: {…}`.
fn index_name(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(" index: ")?;
    rest.split_once(" dup key").map(|(name, _)| name.trim())
}

/// An error of something that changes nothing, or of a transaction that certainly did not happen.
pub(super) fn of_read(error: &Error) -> StoreError {
    if is_refusal(error) {
        StoreError::internal(error.kind.to_string())
    } else {
        StoreError::unavailable(error.kind.to_string())
    }
}

/// An error of a write that may have happened before its answer was lost.
pub(super) fn of_write(error: &Error) -> StoreError {
    if is_refusal(error) {
        return StoreError::internal(error.kind.to_string());
    }
    match &*error.kind {
        // No server was found or no connection was free: nothing was sent.
        ErrorKind::ServerSelection { .. } | ErrorKind::ConnectionPoolCleared { .. } => {
            StoreError::unavailable(error.kind.to_string())
        }
        _ => unknown(&error.kind.to_string()),
    }
}

/// Nobody knows whether the write happened.
pub(super) fn unknown(reason: &str) -> StoreError {
    let cause: Box<dyn std::error::Error + Send + Sync> = reason.into();
    StoreError::OutcomeUnknown { cause: cause.into() }
}

/// An error while the store is opened: one line that the operator reads.
pub(super) fn of_operator(error: &Error) -> StoreError {
    let line = match &*error.kind {
        ErrorKind::Authentication { .. } => {
            "MongoDB refused the user or the password: check DATABASE_URL".to_owned()
        }
        ErrorKind::Command(failed) if INDEX_CONFLICTS.contains(&failed.code) => format!(
            "an index in the database was made by something else: {}: drop that index, then start again",
            one_line(&failed.message)
        ),
        ErrorKind::Command(failed) if !NOT_PRIMARY.contains(&failed.code) => {
            format!("MongoDB refused: {}", one_line(&failed.message))
        }
        _ => return of_read(error),
    };
    StoreError::refused(line)
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether asking again would be refused again.
fn is_refusal(error: &Error) -> bool {
    matches!(
        &*error.kind,
        ErrorKind::InvalidArgument { .. }
            | ErrorKind::BsonDeserialization(_)
            | ErrorKind::BsonSerialization(_)
            | ErrorKind::Bson(_)
            | ErrorKind::IncompatibleServer { .. }
    ) || matches!(&*error.kind, ErrorKind::Command(failed) if REFUSALS.contains(&failed.code))
}

/// Command errors that say that the command is wrong, not that the server is away: bad value, no such command, not
/// authorised, too large.
const REFUSALS: [i32; 8] = [2, 9, 13, 14, 59, 10334, 17280, 17419];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_read_from_the_message() {
        let message =
            "E11000 duplicate key error collection: wealthos.users index: unique:_k.email dup key: { x: 1 }";
        assert_eq!(index_name(message), Some("unique:_k.email"));
    }
}
