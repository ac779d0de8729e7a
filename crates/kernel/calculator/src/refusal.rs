/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The input is wrong.
    #[error("{field} {message}")]
    Invalid {
        /// Which part of it, as in `movements[3].out`.
        field: String,
        /// What would be right.
        message: String,
    },
    /// The input is right, and has no answer.
    #[error("{0}")]
    NoAnswer(&'static str),
}

impl Refusal {
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// Refuses the input unless the condition holds.
pub(crate) fn require(condition: bool, field: &str, message: &str) -> Result<(), Refusal> {
    match condition {
        true => Ok(()),
        false => Err(Refusal::invalid(field, message)),
    }
}
