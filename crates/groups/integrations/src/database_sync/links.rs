//! What belongs together on both sides.

use super::row::RawRow;
use kernel::UserId;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use uuid::Uuid;

/// A row as it was when its transaction was posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// The transaction that stands for it.
    pub(crate) transaction_id: Uuid,
    /// What the row held.
    pub(crate) row: RawRow,
    /// Whether the transaction can be replaced when the row changes: an income or an expense.
    pub(crate) replaceable: bool,
}

/// A row of the table and its transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RowLink {
    pub(crate) user_id: UserId,
    pub(crate) sync_id: Uuid,
    /// The id of the row, as text.
    pub(crate) row_id: String,
    /// What both sides agree on.
    pub(crate) current: Option<Version>,
    /// What is about to be posted in its place. Written before it is, so that whoever finds it posts the same.
    pub(crate) pending: Option<Version>,
    pub(crate) is_pending: bool,
    /// Counts the versions, so that each has an id of its own.
    pub(crate) versions: u32,
}

impl Document for RowLink {
    fn collection() -> &'static Collection {
        static ROWS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("database_sync_rows", Scoping::Owner)
                .field("sync_id", FieldKind::Uuid)
                .field("is_pending", FieldKind::Bool)
                .serves(&["sync_id"], &["created_at"])
                .serves(&["sync_id", "is_pending"], &["created_at"])
                .encrypted("row_id")
                .encrypted("current")
                .encrypted("pending")
                .removed_with_user()
        });
        &ROWS
    }
}

impl RowLink {
    pub(crate) fn id(sync: Uuid, row: &str) -> Uuid {
        derived(sync, "row", row)
    }

    /// The id of the transaction of a row's version.
    pub(crate) fn transaction_id(sync: Uuid, row: &str, version: u32) -> Uuid {
        derived(sync, "transaction", &format!("{version}\u{0}{row}"))
    }
}

/// A movement of the ledger that the table has, or that came from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MovementLink {
    pub(crate) user_id: UserId,
    pub(crate) sync_id: Uuid,
    pub(crate) transaction_id: Uuid,
    /// Whether the transaction can be replaced when the row changes.
    pub(crate) replaceable: bool,
    /// The link of its row, once that is known.
    pub(crate) row_link: Option<Uuid>,
}

impl Document for MovementLink {
    fn collection() -> &'static Collection {
        static MOVEMENTS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("database_sync_movements", Scoping::Owner)
                .field("sync_id", FieldKind::Uuid)
                .serves(&["sync_id"], &["created_at"])
                .removed_with_user()
        });
        &MOVEMENTS
    }
}

impl MovementLink {
    pub(crate) fn id(sync: Uuid, reference: Uuid) -> Uuid {
        derived(sync, "movement", &reference.to_string())
    }
}

fn derived(sync: Uuid, what: &str, name: &str) -> Uuid {
    Uuid::new_v5(&sync, format!("{what}\u{0}{name}").as_bytes())
}
