use crate::SecretText;
use chrono::{DateTime, Utc};
use kernel::{Text, UserId};
use serde::{Deserialize, Deserializer, Serialize};
use std::{borrow::Cow, sync::LazyLock};
use store::{Collection, Document, FieldKind, Scoping, Stored};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Type, schema::Schema},
};
use uuid::Uuid;

/// A key as it is stored: its hash, never itself. The id is also the session that tokens of the key name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ApiKey {
    /// Whom the key proves.
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    /// The beginning of the key, by which people tell keys apart.
    pub(crate) prefix: String,
    /// SHA-256, lower-case hex.
    pub(crate) key_hash: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: DateTime<Utc>,
    /// To the minute; not written with every use.
    pub(crate) last_used_at: Option<DateTime<Utc>>,
    pub(crate) created_by: UserId,
    pub(crate) revoked: bool,
    pub(crate) revoked_at: Option<DateTime<Utc>>,
}

impl Document for ApiKey {
    fn collection() -> &'static Collection {
        static API_KEYS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("api_keys", Scoping::Owner)
                .removed_with_user()
                .holds_proofs()
                .field("prefix", FieldKind::Text)
                .field("user_id", FieldKind::Uuid)
                .field("revoked", FieldKind::Bool)
                .field("revoked_at", FieldKind::Time)
                .unique_in_installation(&["prefix"])
                .serves(&[], &["created_at"])
                .serves(&["prefix"], &["created_at"])
                .serves(&["revoked"], &["revoked_at"])
        });
        &API_KEYS
    }
}

/// A part of the API that a key reaches: `<group>.read` or `<group>.write`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct ApiScope(String);

impl ApiScope {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be <group>.read or <group>.write, as in finance.read".to_owned();
        let (group, verb) = text.split_once('.').ok_or_else(wrong)?;
        let named = !group.is_empty() && group.len() <= 40;
        let plain = group
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter == '_');
        if !(named && plain && matches!(verb, "read" | "write")) {
            return Err(wrong());
        }
        // A program that could change accounts could make itself a better key.
        if text == "auth.write" {
            return Err("cannot be given to a key: people keep accounts".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

impl<'de> Deserialize<'de> for ApiScope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for ApiScope {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[a-z_]{1,40}\\.(read|write)$"))
            .into()
    }
}

impl ToSchema for ApiScope {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ApiScope")
    }
}

/// A key about to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = NewApiKey)]
pub(crate) struct NewApiKey {
    /// What it is for, for people.
    pub(crate) name: Text<1, 100>,
    /// What it reaches: 1 to 20 of `<group>.read` and `<group>.write`. What the user may not do, it may not either.
    #[schema(min_items = 1, max_items = 20)]
    pub(crate) scopes: Vec<ApiScope>,
    /// For how many days it is good: 1 to 365.
    #[schema(minimum = 1, maximum = 365)]
    pub(crate) expires_in_days: u16,
}

/// A service account about to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = NewServiceAccount)]
pub(crate) struct NewServiceAccount {
    /// Its name.
    pub(crate) name: Text<1, 200>,
}

/// A key as it is given in exchange for an access token.
pub(crate) type GivenApiKey = SecretText<1, 200>;

/// A key to be exchanged.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ApiKeyExchange)]
pub(crate) struct ApiKeyExchange {
    /// As it was shown when it was made.
    pub(crate) api_key: GivenApiKey,
}

/// What a key is exchanged for.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyGrant)]
pub(crate) struct ApiKeyGrant {
    /// A signed token (JWT) for `Authorization: Bearer …`.
    pub(crate) access_token: String,
    /// How it is sent: always `bearer`.
    pub(crate) token_type: &'static str,
    /// Seconds that it lives; the key is then exchanged again.
    #[schema(minimum = 1)]
    pub(crate) expires_in: u64,
    /// What it reaches, separated by spaces.
    pub(crate) scope: String,
}

/// A key as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = IssuedApiKey)]
pub(crate) struct ApiKeyView {
    /// Which.
    pub(crate) id: Uuid,
    /// Whom it proves.
    pub(crate) user_id: UserId,
    /// What it is for.
    pub(crate) name: String,
    /// How it begins.
    pub(crate) prefix: String,
    /// What it reaches.
    pub(crate) scopes: Vec<String>,
    /// When it was made, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Until when it is good, UTC.
    pub(crate) expires_at: DateTime<Utc>,
    /// When it was last exchanged, UTC, to the minute.
    pub(crate) last_used_at: Option<DateTime<Utc>>,
    /// Since when it is no longer good, UTC.
    pub(crate) revoked_at: Option<DateTime<Utc>>,
}

impl From<&Stored<ApiKey>> for ApiKeyView {
    fn from(key: &Stored<ApiKey>) -> Self {
        Self {
            id: key.id,
            user_id: key.user_id,
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            scopes: key.scopes.clone(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// A key that was just made: the only time that it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeApiKey)]
pub(crate) struct MadeApiKey {
    /// The key itself. It is not stored and not shown again.
    pub(crate) api_key: String,
    /// What is known of it.
    pub(crate) key: ApiKeyView,
}
