use chrono::{DateTime, Utc};
use infrastructure_contract::{Announcement, Instance, InstanceId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping, Stored};

/// A process that announced itself. Its id is the id of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AnnouncedInstance {
    pub(crate) groups: Vec<String>,
    pub(crate) address: String,
    pub(crate) version: String,
    pub(crate) seen_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
}

impl Document for AnnouncedInstance {
    fn collection() -> &'static Collection {
        static INSTANCES: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("registry_instances", Scoping::Tenant)
                .field("expires_at", FieldKind::Time)
                .serves(&[], &["expires_at"])
        });
        &INSTANCES
    }
}

impl AnnouncedInstance {
    pub(crate) fn new(
        announcement: &Announcement,
        seen_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Self {
        Self {
            groups: announcement.groups.clone(),
            address: announcement.address.clone(),
            version: announcement.version.clone(),
            seen_at,
            expires_at,
        }
    }
}

/// The instance as the contract shows it.
pub(crate) fn shown(stored: &Stored<AnnouncedInstance>) -> Instance {
    Instance {
        instance: InstanceId(stored.id),
        groups: stored.groups.clone(),
        address: stored.address.clone(),
        version: stored.data.version.clone(),
        seen_at: stored.seen_at,
        expires_at: stored.expires_at,
    }
}
