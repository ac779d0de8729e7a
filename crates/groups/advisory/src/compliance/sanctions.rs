//! The list of sanctions: names, one a line, as the operator keeps them in a file.

use kernel::fold;
use std::{collections::HashSet, sync::Arc};

/// Names that nobody trades for without a compliance officer. Cheap to clone; empty without a list.
#[derive(Debug, Clone, Default)]
pub struct Sanctions {
    names: Arc<HashSet<String>>,
}

impl Sanctions {
    /// Reads a list: a name a line, whatever the case, the accents and the order of its words; empty lines and what stands
    /// behind `#` are passed over.
    pub fn parse(text: &str) -> Self {
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default());
        let names = lines.map(unordered).filter(|name| !name.is_empty());
        Self {
            names: Arc::new(names.collect()),
        }
    }

    /// Whether the name stands in the list.
    pub(crate) fn names(&self, name: &str) -> bool {
        !self.names.is_empty() && self.names.contains(&unordered(name))
    }
}

/// A name in the form that is compared: its words folded and sorted, since lists write family names first or last.
fn unordered(name: &str) -> String {
    let folded = fold(name);
    let mut words: Vec<&str> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_whatever_its_case_accents_and_order() {
        let list = Sanctions::parse("# list of 2026\nDOE, Jöhn  # comment\n\n");
        assert!(list.names("John Doe") && list.names("doe john"));
        assert!(!list.names("John") && !list.names("") && !Sanctions::default().names(""));
    }
}
