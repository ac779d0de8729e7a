use std::error::Error as Cause;

/// Why the harness could not do its work: no finding about the platform.
#[derive(Debug, thiserror::Error)]
#[error("the harness could not {what}")]
pub(crate) struct Error {
    what: String,
    #[source]
    cause: Box<dyn Cause + Send + Sync>,
}

impl Error {
    /// What was being done, and what stood in the way.
    pub(crate) fn at(what: impl Into<String>, cause: impl Into<Box<dyn Cause + Send + Sync>>) -> Self {
        Self {
            what: what.into(),
            cause: cause.into(),
        }
    }
}
