//! Documents that the tests write.

use chrono::{DateTime, Utc};
use kernel::{CallContext, NewEvent};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping, Store, Stored};
use uuid::Uuid;

/// A document with a field of every kind, each of which may be absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Sample {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) whole: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) flag: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) kind: Option<String>,
    #[serde(default)]
    pub(crate) place: Place,
}

/// A nested object with a declared field.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Place {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) city: Option<String>,
}

impl Document for Sample {
    fn collection() -> &'static Collection {
        static SAMPLES: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("samples", Scoping::Tenant)
                .field("text", FieldKind::Text)
                .field("whole", FieldKind::Int)
                .field("flag", FieldKind::Bool)
                .field("at", FieldKind::Time)
                .field("reference", FieldKind::Uuid)
                .field("amount", FieldKind::Decimal)
                .field("kind", FieldKind::Text)
                .field("place.city", FieldKind::Text)
                .many("tags")
                .serves(
                    &[],
                    &["text", "whole", "flag", "at", "reference", "amount", "updated_at"],
                )
                .serves(&["kind"], &["text", "amount", "id"])
                .serves(&["kind", "flag"], &["at"])
                .serves(&["whole"], &["whole"])
                .serves(&["tags"], &["text"])
                .serves(&["place.city"], &["created_at"])
        });
        &SAMPLES
    }
}

/// A document with unique values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Login {
    #[serde(default)]
    pub(crate) email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) branch: Option<i64>,
}

impl Document for Login {
    fn collection() -> &'static Collection {
        static LOGINS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("logins", Scoping::Tenant)
                .field("email", FieldKind::Text)
                .field("code", FieldKind::Text)
                .field("branch", FieldKind::Int)
                .unique_in_installation(&["email"])
                .unique(&["branch", "code"])
        });
        &LOGINS
    }
}

/// A document that is linked to a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Linked {
    pub(crate) user_id: kernel::UserId,
    pub(crate) advisor_id: Option<kernel::UserId>,
    pub(crate) title: String,
}

impl Document for Linked {
    fn collection() -> &'static Collection {
        static LINKED: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("linked", Scoping::Client)
                .field("title", FieldKind::Text)
                .serves(&[], &["title"])
                .serves(&["title"], &["created_at"])
        });
        &LINKED
    }
}

/// A document that belongs to a user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Owned {
    pub(crate) user_id: kernel::UserId,
    pub(crate) note: String,
}

impl Document for Owned {
    fn collection() -> &'static Collection {
        static OWNED: LazyLock<Collection> = LazyLock::new(|| Collection::new("owned", Scoping::Owner));
        &OWNED
    }
}

/// A document with sensitive fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) pan: Option<String>,
    pub(crate) pan_lookup: Option<String>,
    pub(crate) tokens: Option<serde_json::Value>,
    pub(crate) open: String,
}

impl Document for Secret {
    fn collection() -> &'static Collection {
        static SECRETS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("secrets", Scoping::Tenant)
                .encrypted_lookup("pan", "pan_lookup")
                .encrypted("tokens")
                .serves(&["pan_lookup"], &["created_at"])
        });
        &SECRETS
    }
}

/// A document of which there are many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ranked {
    pub(crate) kind: String,
    pub(crate) amount: Option<Decimal>,
}

impl Document for Ranked {
    fn collection() -> &'static Collection {
        static RANKED: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("ranked", Scoping::Tenant)
                .field("kind", FieldKind::Text)
                .field("amount", FieldKind::Decimal)
                .serves(&[], &["amount"])
                .serves(&["kind"], &["amount"])
        });
        &RANKED
    }
}

/// A document that counts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Counter {
    pub(crate) value: i64,
}

impl Document for Counter {
    fn collection() -> &'static Collection {
        static COUNTERS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("counters", Scoping::Tenant));
        &COUNTERS
    }
}

/// Commits new documents with ids from 1, in chunks.
pub(crate) async fn insert_all<T: Document>(store: &Store, cx: &CallContext, all: &[T]) -> Vec<Stored<T>> {
    let mut stored = Vec::new();
    for chunk in all.chunks(100) {
        let mut batch = store.batch(cx);
        for data in chunk {
            let id = Uuid::from_u128(stored.len() as u128 + 1);
            stored.push(batch.insert(id, data.clone()));
        }
        store.commit(batch).await.unwrap();
    }
    stored
}

/// An event about counter `n`.
pub(crate) fn counted(cx: &CallContext, n: u64) -> NewEvent {
    NewEvent::new(
        cx,
        "counter.moved",
        format!("counter/{n}"),
        serde_json::json!({ "n": n }),
    )
}
