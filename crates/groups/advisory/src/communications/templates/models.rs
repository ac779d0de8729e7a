use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};

/// A template as it is stored: of the user who made it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TemplateRecord {
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) subject: String,
    pub(crate) body: String,
}

impl Document for TemplateRecord {
    fn collection() -> &'static Collection {
        static TEMPLATES: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("message_templates", Scoping::Owner)
                .field("name", FieldKind::Text)
                .unique(&["user_id", "name"])
                .serves(&[], &["name"])
                .removed_with_user()
        });
        &TEMPLATES
    }
}
