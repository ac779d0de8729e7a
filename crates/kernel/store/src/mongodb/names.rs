//! What things are called in the database: databases and collections.

use crate::Collection;

/// The database when the address names none.
pub(super) const DEFAULT_DATABASE: &str = "wealthos";

/// Which group owns which collection.
pub(super) const OWNERS: &str = "wealthos.collections";

/// The collection in the database: a group's own keeps its name; one that every group has is named after the group.
pub(super) fn collection(group: &str, collection: &Collection) -> String {
    if collection.is_in_every_group() {
        format!("{group}.{}", collection.name())
    } else {
        collection.name().to_owned()
    }
}

/// The group's events, numbered and not yet numbered.
pub(super) fn outbox(group: &str) -> String {
    format!("{group}.outbox")
}

/// The group's lease for numbering events.
pub(super) fn sequencer(group: &str) -> String {
    format!("{group}.sequencer")
}

/// What is known about the layout of the group's collections.
pub(super) fn schema(group: &str) -> String {
    format!("{group}.schema")
}

/// Under which id the schema describes a collection.
pub(super) fn schema_id(collection: &str) -> String {
    format!("collection {collection}")
}

/// What preparing has changed.
pub(super) fn migrations(group: &str) -> String {
    format!("{group}.schema_migrations")
}
