use std::collections::BTreeSet;

/// The longest name of a variable.
const LONGEST: usize = 40;

/// A text with variables: `{{name}}`, where a name is of small letters, digits and `_`, and begins with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(String),
}

impl Pattern {
    /// Reads a text; refused when a `{{` is not closed or holds something else than a name.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, behind) = after
                .split_once("}}")
                .ok_or("has a {{ without }}: write variables as {{client_name}}")?;
            let name = inside.trim();
            if !is_name(name) {
                return Err(
                    "has a variable with a wrong name: write variables as {{client_name}}, in small letters, digits and _"
                        .to_owned(),
                );
            }
            parts.push(Part::Literal(before.to_owned()));
            parts.push(Part::Variable(name.to_owned()));
            rest = behind;
        }
        parts.push(Part::Literal(rest.to_owned()));
        Ok(Self { parts })
    }

    /// The names of its variables.
    pub(crate) fn variables(&self) -> BTreeSet<&str> {
        let names = self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        });
        names.collect()
    }

    /// The text with values in place of variables; what stands in a value is never read as a variable. Variables without a
    /// value are left out: ask for [`Pattern::variables`] first.
    pub(crate) fn filled<'a>(&'a self, value: impl Fn(&str) -> Option<&'a str>) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            Part::Variable(name) => value(name),
        });
        texts.collect()
    }
}

/// Whether it can be the name of a variable.
fn is_name(name: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    name.len() <= LONGEST
        && name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn values_take_the_places_of_variables_and_are_not_read_again() {
        let pattern = Pattern::parse("Dear {{ client_name }}, {{when}}} or {{when}}?").unwrap();
        assert_eq!(
            pattern.variables().into_iter().collect::<Vec<_>>(),
            ["client_name", "when"]
        );
        let text = pattern.filled(|name| match name {
            "client_name" => Some("{{when}}"),
            _ => Some("now"),
        });
        assert_eq!(text, "Dear {{when}}, now} or now?");
    }

    #[test]
    fn what_is_no_variable_is_refused() {
        for text in [
            "{{", "{{a", "{{}}", "{{A}}", "{{a b}}", "{{1}}", "{{{a}}", "{{a{{b}}", "{{ä}}",
        ] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
        assert!(Pattern::parse(&format!("{{{{{}}}}}", "a".repeat(41))).is_err());
        for text in ["", "}}", "{ {a} }"] {
            assert!(Pattern::parse(text).unwrap().variables().is_empty(), "{text}");
        }
    }
}
