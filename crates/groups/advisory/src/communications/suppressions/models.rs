use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};

/// That somebody said that an address is not to be written to. Each says it for themselves, so that nobody learns from a
/// refusal what another one has said; for sending it counts whoever said it. It outlives the erasure of users: else an
/// address would be written to again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SuppressionRecord {
    pub(crate) user_id: UserId,
    pub(crate) email: String,
    pub(crate) reason: String,
}

impl Document for SuppressionRecord {
    fn collection() -> &'static Collection {
        static SUPPRESSIONS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("message_suppressions", Scoping::Owner)
                .field("user_id", FieldKind::Uuid)
                .encrypted_lookup("email", "email_lookup")
                .encrypted("reason")
                .unique(&["user_id", "email_lookup"])
                .serves(&["email_lookup"], &["created_at"])
                .holds_proofs()
        });
        &SUPPRESSIONS
    }
}
