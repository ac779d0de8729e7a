use serde::{Deserialize, Serialize};

/// What calling a method means: decides how it is cancelled and what a retry needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Changes nothing. Cancelled by dropping it.
    Read,
    /// Twice is the same as once. Cancelled by dropping it.
    Idempotent,
    /// Happens once for a key. Runs to its end whoever still waits for it.
    Effect,
}

impl Mode {
    /// The name, as it is written in the trait.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Read => "read",
            Mode::Idempotent => "idempotent",
            Mode::Effect => "effect",
        }
    }
}

/// What a contract says about one of its methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodInfo {
    /// The name, as in `convert_lead`.
    pub name: &'static str,
    /// What calling it means.
    pub mode: Mode,
    /// The first line of its documentation.
    pub summary: &'static str,
    /// The names of its arguments after the context and the key.
    pub arguments: &'static [&'static str],
}
