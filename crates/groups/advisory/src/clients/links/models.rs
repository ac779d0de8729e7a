use kernel::{ClientId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;

/// What a user is to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Relation {
    /// Owns with the client.
    JointHolder,
    /// Is to have it afterwards.
    Nominee,
    /// Acts for the client.
    Representative,
    /// Looks on.
    Viewer,
}

/// That a user may look at a client. Its id follows from both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LinkRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) relation: Relation,
}

impl Document for LinkRecord {
    fn collection() -> &'static Collection {
        static LINKS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("client_users", Scoping::Owner)
                .field("client_id", FieldKind::Uuid)
                .belongs_to("client_id")
                .serves(&["client_id"], &["created_at"])
                .removed_with_user()
        });
        &LINKS
    }
}
