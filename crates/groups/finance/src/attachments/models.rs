use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{BlobId, Collection, Document, FieldKind, Scoping};
use uuid::Uuid;

/// An attachment as it is stored. It is read through its transaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AttachmentRecord {
    /// The owner of the transaction.
    pub(crate) user_id: UserId,
    pub(crate) transaction_id: Uuid,
    pub(crate) name: String,
    pub(crate) media_type: Option<String>,
    pub(crate) bytes: Option<u64>,
    /// Lower-case hex.
    pub(crate) sha256: String,
    /// Where it lies here.
    pub(crate) blob: Option<BlobId>,
    /// Where it lies elsewhere.
    pub(crate) url: Option<String>,
    /// Who attached it.
    pub(crate) created_by: String,
}

impl Document for AttachmentRecord {
    fn collection() -> &'static Collection {
        static ATTACHMENTS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("attachments", Scoping::Owner)
                .field("transaction_id", FieldKind::Uuid)
                .serves(&["transaction_id"], &["created_at"])
                .personal_blob("blob")
                .removed_with_user()
        });
        &ATTACHMENTS
    }
}
