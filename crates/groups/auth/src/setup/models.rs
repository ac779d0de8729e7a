use crate::SecretText;
use crate::users::{NewPassword, PersonName};
use chrono::{DateTime, Utc};
use kernel::{Email, TenantId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;

/// What makes the first administrator of a firm, as it is stored: its hash, under an id that is derived from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SetupToken {
    /// SHA-256, lower-case hex.
    pub(crate) token_hash: String,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) used_at: Option<DateTime<Utc>>,
}

impl SetupToken {
    /// One token counts for a firm: a newer one takes its place.
    pub(crate) fn id(tenant: TenantId) -> Uuid {
        Uuid::new_v5(
            &Uuid::NAMESPACE_OID,
            format!("setup token\u{0}{tenant}").as_bytes(),
        )
    }
}

impl Document for SetupToken {
    fn collection() -> &'static Collection {
        static SETUP_TOKENS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("setup_tokens", Scoping::Tenant));
        &SETUP_TOKENS
    }
}

/// The first administrator of a firm.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SetupRequest)]
pub(crate) struct SetupRequest {
    /// The token of the set-up link.
    pub(crate) token: SecretText<1, 200>,
    /// The log-in e-mail.
    pub(crate) email: Email,
    /// The password: 8 to 128 characters.
    pub(crate) password: NewPassword,
    /// The name as they write it.
    pub(crate) name: PersonName,
}

/// Whether this installation still waits for its first administrator, and what to do then.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SetupState)]
pub(crate) struct SetupState {
    /// Whether nobody administers this installation yet.
    pub(crate) needed: bool,
    /// What to do.
    pub(crate) how: String,
}
