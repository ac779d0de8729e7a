use serde::{Deserialize, Deserializer, Serialize};
use std::{borrow::Cow, fmt, str::FromStr};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Type, schema::Schema},
};

/// The ticker of an instrument, as in `HDFCBANK` or `BRK.B`: 1 to 32 letters, digits and `._&-`, kept in capitals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct Symbol(String);

impl Symbol {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Symbol {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._&-".contains(&byte);
        let begins = text
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric());
        match begins && text.len() <= 32 && text.bytes().all(known) {
            true => Ok(Self(text.to_ascii_uppercase())),
            false => Err("must be a symbol such as HDFCBANK: 1 to 32 letters, digits and ._&-"),
        }
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Symbol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Symbol {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(32))
            .pattern(Some("^[A-Za-z0-9][A-Za-z0-9._&-]*$"))
            .examples(["HDFCBANK"])
            .into()
    }
}

impl ToSchema for Symbol {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Symbol")
    }
}
