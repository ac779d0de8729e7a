use kernel::{AdvisorId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};

/// A household as it is stored. Its members name it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HouseholdRecord {
    /// Always none: a household is nobody's own.
    pub(crate) user_id: Option<UserId>,
    pub(crate) advisor_id: AdvisorId,
    pub(crate) name: String,
}

impl Document for HouseholdRecord {
    fn collection() -> &'static Collection {
        static HOUSEHOLDS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("households", Scoping::Client)
                .field("name", FieldKind::Text)
                .serves(&[], &["name"])
        });
        &HOUSEHOLDS
    }
}
