use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, SchemaFormat, Type, schema::Schema},
};

/// A secret that a caller sends: `MIN` to `MAX` characters, kept as it was written (not trimmed), without control
/// characters. It is never printed and wiped when it is dropped.
#[derive(Debug, Clone)]
pub struct SecretText<const MIN: usize, const MAX: usize>(SecretString);

impl<const MIN: usize, const MAX: usize> SecretText<MIN, MAX> {
    /// Checks a secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().any(char::is_control) {
            return Err("must not contain control characters".to_owned());
        }
        if !(MIN..=MAX).contains(&text.chars().count()) {
            return Err(format!("must have {MIN} to {MAX} characters"));
        }
        Ok(Self(SecretString::from(text)))
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for SecretText<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<const MIN: usize, const MAX: usize> PartialSchema for SecretText<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .min_length(Some(MIN))
            .max_length(Some(MAX))
            .pattern(Some(r"^[^\u0000-\u001f\u007f-\u009f]*$"))
            .write_only(true)
            .into()
    }
}

impl<const MIN: usize, const MAX: usize> ToSchema for SecretText<MIN, MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Secret{MIN}To{MAX}"))
    }
}

#[cfg(test)]
mod tests {
    use super::SecretText;

    #[test]
    fn a_secret_is_kept_as_it_was_written_and_never_printed() {
        let secret = SecretText::<8, 128>::parse("  päss wörd ").unwrap();
        assert_eq!(secret.expose(), "  päss wörd ");
        assert!(!format!("{secret:?}").contains("päss"));
    }

    #[test]
    fn length_is_counted_in_characters_and_control_characters_are_refused() {
        assert!(SecretText::<8, 128>::parse("1234567").is_err());
        assert!(SecretText::<8, 128>::parse(&"é".repeat(128)).is_ok());
        assert!(SecretText::<8, 128>::parse(&"é".repeat(129)).is_err());
        assert!(SecretText::<8, 128>::parse("12345678\u{0}").is_err());
    }
}
