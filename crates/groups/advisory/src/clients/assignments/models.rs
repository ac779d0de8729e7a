use kernel::{AdvisorId, ClientId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};

/// That a client came into a book. It is read through its client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AssignmentRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) from_advisor_id: AdvisorId,
    pub(crate) to_advisor_id: AdvisorId,
    pub(crate) reason: Option<String>,
    pub(crate) decided_by: String,
}

impl Document for AssignmentRecord {
    fn collection() -> &'static Collection {
        static ASSIGNMENTS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("client_assignments", Scoping::Owner)
                .field("client_id", FieldKind::Uuid)
                .belongs_to("client_id")
                .serves(&["client_id"], &["created_at"])
                .personal(&["reason"])
        });
        &ASSIGNMENTS
    }
}
