use crate::formats::ColumnMapping;
use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};

/// A mapping as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MappingRecord {
    /// Who made it.
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) columns: ColumnMapping,
}

impl Document for MappingRecord {
    fn collection() -> &'static Collection {
        static MAPPINGS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("import_mappings", Scoping::Owner)
                .field("name", FieldKind::Text)
                .unique(&["user_id", "name"])
                .serves(&[], &["name"])
                .removed_with_user()
        });
        &MAPPINGS
    }
}
