use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a client and a server do not understand each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Breach {
    /// The contract, as in `advisory.book`.
    pub contract: String,
    /// The method, as in `link`.
    pub method: String,
    /// What of it: `method`, `mode`, `arguments.user`, `answer.client_id`, `error(code=forbidden).permission`.
    pub place: String,
    /// What is wrong there.
    pub reason: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            contract,
            method,
            place,
            reason,
        } = self;
        write!(f, "{contract}.{method}, {place}: {reason}")
    }
}
