use chrono::{DateTime, Utc};
use kernel::{TenantId, Text, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, Scoping, Stored};
use utoipa::ToSchema;

/// A firm as it is stored, under its own id and in itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Firm {
    pub(crate) name: String,
    pub(crate) created_by: UserId,
}

impl Document for Firm {
    fn collection() -> &'static Collection {
        static FIRMS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("firms", Scoping::Tenant).serves(&[], &["created_at"]));
        &FIRMS
    }
}

/// A firm about to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = NewFirm)]
pub(crate) struct NewFirm {
    /// Its name.
    pub(crate) name: Text<1, 200>,
}

/// A firm as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Firm)]
pub(crate) struct FirmView {
    /// Which: the `tenant_id` of everything in it.
    pub(crate) id: TenantId,
    /// Its name.
    pub(crate) name: String,
    /// When it was made, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<&Stored<Firm>> for FirmView {
    fn from(firm: &Stored<Firm>) -> Self {
        Self {
            id: firm.tenant_id,
            name: firm.name.clone(),
            created_at: firm.created_at,
        }
    }
}

/// What makes the first administrator of a firm: to be handed to them.
#[derive(Serialize, ToSchema)]
#[schema(as = FirmSetup)]
pub(crate) struct FirmSetup {
    /// The firm.
    pub(crate) firm: FirmView,
    /// Sent to `/api/auth/setup`, once, with the e-mail, password and name of the administrator. Not shown again.
    pub(crate) setup_token: String,
    /// Until when it is good, UTC.
    pub(crate) expires_at: DateTime<Utc>,
}
