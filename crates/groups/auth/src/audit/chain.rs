use super::models::{AuditRow, ChainEnd};
use aws_lc_rs::digest::{SHA256, digest};
use chrono::SecondsFormat;
use kernel::TenantId;
use serde::Serialize;
use uuid::Uuid;

/// What is hashed, in this order and as JSON: a change of the order or of a name breaks every chain there is.
#[derive(Serialize)]
struct Hashed<'a> {
    tenant: TenantId,
    id: Uuid,
    seq: u64,
    at: String,
    actor: &'a str,
    action: &'a str,
    subject: &'a str,
    producer: &'a str,
    producer_seq: u64,
    request_id: String,
    allowed: bool,
    facts: &'a str,
    previous_hash: &'a str,
}

impl ChainEnd {
    /// The end of a chain without rows.
    pub(crate) fn beginning() -> Self {
        Self {
            seq: 0,
            hash: "0".repeat(64),
        }
    }
}

/// The hash of a row.
pub(crate) fn hash_of(tenant: TenantId, id: Uuid, row: &AuditRow) -> Result<String, serde_json::Error> {
    let text = serde_json::to_vec(&Hashed {
        tenant,
        id,
        seq: row.seq,
        at: row.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        actor: &row.actor,
        action: &row.action,
        subject: &row.subject,
        producer: &row.producer,
        producer_seq: row.producer_seq,
        request_id: row.request_id.to_string(),
        allowed: row.allowed,
        facts: &row.facts,
        previous_hash: &row.previous_hash,
    })?;
    Ok(hex::encode(digest(&SHA256, &text).as_ref()))
}
