use crate::clients::requests::ClientFilter;
use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};

/// A view as it is stored: the user's who saved it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ViewRecord {
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) filter: ClientFilter,
}

impl Document for ViewRecord {
    fn collection() -> &'static Collection {
        static VIEWS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("client_views", Scoping::Owner)
                .field("name", FieldKind::Text)
                .unique(&["user_id", "name"])
                .serves(&[], &["name"])
                .serves(&["user_id"], &["name"])
                .removed_with_user()
        });
        &VIEWS
    }
}
