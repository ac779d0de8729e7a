use std::fmt;

/// One thing about the topology that is not right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopologyProblem {
    /// Where it stands: file and line, a setting, or a group.
    pub place: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for TopologyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Why there is no topology. `Display` is one line for the operator.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TopologyError {
    /// The file cannot be read.
    #[error("the topology file {file} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// The file is no TOML, or says something that no topology says.
    #[error("{place}: {reason}")]
    Syntax {
        /// File and line.
        place: String,
        /// Why.
        reason: String,
    },
    /// What it says cannot be.
    #[error("the topology is not right: {}", list(.0))]
    Invalid(Vec<TopologyProblem>),
}

fn list(problems: &[TopologyProblem]) -> String {
    let lines: Vec<String> = problems.iter().map(TopologyProblem::to_string).collect();
    lines.join("; ")
}

/// What is wrong, collected, so that an operator mends it in one go.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<TopologyProblem>);

impl Problems {
    pub(super) fn add(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.0.push(TopologyProblem {
            place: place.into(),
            message: message.into(),
        });
    }

    pub(super) fn into_result(self) -> Result<(), TopologyError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(TopologyError::Invalid(self.0))
        }
    }
}
