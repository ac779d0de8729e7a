use serde::{Deserialize, Deserializer, Serialize};
use std::{borrow::Cow, ops::Deref};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Type, schema::Schema},
};

/// A text of several lines with 1 to `MAX` characters, not only blanks. Lines end with `\n`; tabs are the only other
/// control characters. Checked as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Prose<const MAX: usize>(String);

impl<const MAX: usize> Prose<MAX> {
    /// Checks a text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text
            .chars()
            .any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'))
        {
            return Err("must not contain control characters other than new lines and tabs".to_owned());
        }
        if text.trim().is_empty() || text.chars().count() > MAX {
            return Err(format!("must have 1 to {MAX} characters"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text, owned.
    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl<const MAX: usize> Deref for Prose<MAX> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Prose<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<const MAX: usize> PartialSchema for Prose<MAX> {
    fn schema() -> RefOr<Schema> {
        let plain = r"[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]";
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX))
            .pattern(Some(format!(
                r"^{plain}*[^\s\u0000-\u001f\u007f-\u009f]{plain}*$"
            )))
            .into()
    }
}

impl<const MAX: usize> ToSchema for Prose<MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Prose{MAX}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Prose;

    #[test]
    fn lines_are_kept_and_other_control_characters_are_refused() {
        assert_eq!(&*Prose::<9>::parse("a\n\tb\n").unwrap(), "a\n\tb\n");
        for text in ["", " \n\t", "a\u{0}b", "a\r\nb", "a\u{9b}b", "0123456789"] {
            assert!(Prose::<9>::parse(text).is_err(), "{text:?}");
        }
    }
}
