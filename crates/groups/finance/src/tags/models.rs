use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, Scoping};
use uuid::Uuid;

/// The tags of one transaction; its id is that of the transaction. Read through the owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TagsRecord {
    pub(crate) user_id: UserId,
    pub(crate) transaction_id: Uuid,
    /// In folded form, in the order of the alphabet.
    pub(crate) tags: Vec<String>,
}

impl Document for TagsRecord {
    fn collection() -> &'static Collection {
        static TAGS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("transaction_tags", Scoping::Owner)
                .many("tags")
                .serves(&["tags"], &["id"])
                .removed_with_user()
        });
        &TAGS
    }
}
