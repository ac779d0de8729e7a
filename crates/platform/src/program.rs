//! What distinguishes the server programs, beside where they see the groups.

use crate::{Program, known_groups};

impl Program {
    /// The name of its binary.
    pub fn name(self) -> String {
        match self {
            Program::Monolith => "monolith".to_owned(),
            Program::Gateway => "gateway".to_owned(),
            Program::Service(group) => format!("{group}_service"),
        }
    }

    /// The port that it takes when none is given.
    pub fn default_port(self) -> u16 {
        let group = |name: &str| known_groups().into_iter().find(|info| info.name == name);
        match self {
            Program::Monolith | Program::Gateway => 8000,
            Program::Service(name) => group(name).map_or(8000, |info| info.default_port),
        }
    }
}
