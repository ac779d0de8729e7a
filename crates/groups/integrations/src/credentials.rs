use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, SchemaFormat, Type, schema::Schema},
};

/// The longest API key.
const LONGEST_KEY: usize = 256;

/// An API key of an outside platform: printable ASCII without spaces, so that it fits a header. It is never printed.
#[derive(Debug, Clone)]
pub(crate) struct ApiKey(SecretString);

impl ApiKey {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let fits = (1..=LONGEST_KEY).contains(&text.len());
        if !fits || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "must have 1 to {LONGEST_KEY} printable ASCII characters without spaces"
            ));
        }
        Ok(Self(SecretString::from(text)))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl<'de> Deserialize<'de> for ApiKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for ApiKey {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .min_length(Some(1))
            .max_length(Some(LONGEST_KEY))
            .pattern(Some("^[!-~]+$"))
            .write_only(true)
            .into()
    }
}

impl ToSchema for ApiKey {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ApiKey")
    }
}

/// The domain of a shop, as in `my-shop.myshopify.com`: lower case, no scheme, no port, no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShopDomain(String);

impl ShopDomain {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.to_ascii_lowercase();
        let label_ok = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        // A top-level domain begins with a letter: an address made of numbers is no domain.
        let top = text.rsplit('.').next().unwrap_or_default();
        let top_ok = top.starts_with(|first: char| first.is_ascii_alphabetic());
        if text.len() > 253 || !text.contains('.') || !top_ok || !text.split('.').all(label_ok) {
            return Err(
                "must be a domain such as my-shop.myshopify.com, without https:// and path".to_owned(),
            );
        }
        Ok(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ShopDomain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for ShopDomain {
    fn schema() -> RefOr<Schema> {
        let label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(3))
            .max_length(Some(253))
            .pattern(Some(format!(
                r"^({label}\.)+[A-Za-z]([A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?$"
            )))
            .into()
    }
}

impl ToSchema for ShopDomain {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ShopDomain")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_is_named_by_its_domain_alone() {
        assert_eq!(
            ShopDomain::parse("My-Shop.myshopify.com").unwrap().as_str(),
            "my-shop.myshopify.com"
        );
        for text in [
            "",
            "shop",
            "https://shop.com",
            "shop.com/path",
            "shop.com:443",
            "-shop.com",
            "shop..com",
            "127.0.0.1",
            "sh op.com",
            "shop.com\u{0}",
            "user@shop.com",
            "shop.com.",
            " shop.com",
            "shop.1a",
        ] {
            assert!(ShopDomain::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_fits_a_header_and_is_never_printed() {
        let key = ApiKey::parse("tw-secret").unwrap();
        assert_eq!(key.expose(), "tw-secret");
        assert!(!format!("{key:?}").contains("tw-secret"));
        for text in ["", " ", " a", "a b", "a\nb", "schlüssel", &"x".repeat(257)] {
            assert!(ApiKey::parse(text).is_err(), "{text}");
        }
    }
}
