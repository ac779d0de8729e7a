use chrono::{DateTime, Utc};
use kernel::{RequestId, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, sync::LazyLock};
use store::{Collection, Document, FieldKind, Scoping, Stored};
use utoipa::ToSchema;
use uuid::Uuid;

/// One act as it stands in a firm's chain, under the id of the event that told of it. Written once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuditRow {
    /// The place in the firm's chain: dense, from 1.
    pub(crate) seq: u64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) subject: String,
    /// The group that recorded it, and the place in its feed.
    pub(crate) producer: String,
    pub(crate) producer_seq: u64,
    pub(crate) request_id: RequestId,
    pub(crate) allowed: bool,
    /// [`Facts`] as JSON text, byte for byte: what is hashed must not depend on how an engine keeps numbers.
    pub(crate) facts: String,
    /// The hash of the row before; 64 zeros in the first.
    pub(crate) previous_hash: String,
    /// SHA-256 over all of the above, the firm and the id; lower-case hex.
    pub(crate) hash: String,
}

impl Document for AuditRow {
    fn collection() -> &'static Collection {
        static ROWS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("audit_log", Scoping::Tenant)
                .unlisted()
                .within_firms()
                .field("seq", FieldKind::Int)
                .field("at", FieldKind::Time)
                .field("actor", FieldKind::Text)
                .field("action", FieldKind::Text)
                .field("subject", FieldKind::Text)
                .field("producer", FieldKind::Text)
                .field("request_id", FieldKind::Uuid)
                .unique(&["seq"])
                .serves(&[], &["seq", "at"])
                .serves(&["actor"], &["at"])
                .serves(&["action"], &["at"])
                .serves(&["subject"], &["at"])
                .serves(&["producer"], &["at"])
                .serves(&["request_id"], &["at"])
        });
        &ROWS
    }
}

/// What an act changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) changed: Vec<String>,
    pub(crate) before: BTreeMap<String, Value>,
    pub(crate) after: BTreeMap<String, Value>,
}

/// Where a firm's chain ends. The end stands there encrypted and authenticated: whoever can write to the database, but
/// does not have the key, cannot make another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuditHead {
    pub(crate) end: ChainEnd,
}

/// The last row of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainEnd {
    pub(crate) seq: u64,
    pub(crate) hash: String,
}

impl AuditHead {
    /// The id of a firm's head.
    pub(crate) fn id(tenant: TenantId) -> Uuid {
        Uuid::new_v5(
            &Uuid::NAMESPACE_OID,
            format!("audit head\u{0}{tenant}").as_bytes(),
        )
    }
}

impl Document for AuditHead {
    fn collection() -> &'static Collection {
        static HEADS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("audit_heads", Scoping::Tenant).encrypted("end"));
        &HEADS
    }
}

/// An act as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditEntry {
    /// The id: that of the event that told of it.
    pub(crate) id: Uuid,
    /// The place in the firm's chain: dense, from 1.
    #[schema(minimum = 1)]
    pub(crate) seq: u64,
    /// When it was done, UTC.
    pub(crate) at: DateTime<Utc>,
    /// Who did it: `user/…`, `system/…` or `anonymous`.
    pub(crate) actor: String,
    /// The act, as in `session.revoked`.
    pub(crate) action: String,
    /// What it was done to, as in `session/0190…`.
    pub(crate) subject: String,
    /// Whether it was allowed.
    pub(crate) allowed: bool,
    /// The group that recorded it.
    pub(crate) producer: String,
    /// The request that it belongs to.
    pub(crate) request_id: RequestId,
    /// The names of the fields that changed.
    pub(crate) changed: Vec<String>,
    /// What those of them that may be shown held before.
    #[schema(value_type = Object)]
    pub(crate) before: BTreeMap<String, Value>,
    /// What those of them that may be shown hold since.
    #[schema(value_type = Object)]
    pub(crate) after: BTreeMap<String, Value>,
    /// The hash of the row before.
    pub(crate) previous_hash: String,
    /// The hash of this row: SHA-256, lower-case hex.
    pub(crate) hash: String,
}

impl From<Stored<AuditRow>> for AuditEntry {
    fn from(stored: Stored<AuditRow>) -> Self {
        let row = stored.data;
        let facts: Facts = serde_json::from_str(&row.facts).unwrap_or_default();
        Self {
            id: stored.id,
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            allowed: row.allowed,
            producer: row.producer,
            request_id: row.request_id,
            changed: facts.changed,
            before: facts.before,
            after: facts.after,
            previous_hash: row.previous_hash,
            hash: row.hash,
        }
    }
}
