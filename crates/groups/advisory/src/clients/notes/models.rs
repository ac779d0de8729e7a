use kernel::{ClientId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};

/// A note as it is stored; the text is encrypted. It is read through its client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NoteRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) text: String,
    pub(crate) written_by: String,
}

impl Document for NoteRecord {
    fn collection() -> &'static Collection {
        static NOTES: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("client_notes", Scoping::Owner)
                .field("client_id", FieldKind::Uuid)
                .belongs_to("client_id")
                .serves(&["client_id"], &["created_at"])
                .encrypted("text")
                .removed_with_user()
        });
        &NOTES
    }
}
