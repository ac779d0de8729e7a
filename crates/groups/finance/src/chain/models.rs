use crate::{error::Error, journal::Leg, replay::legs_of};
use aws_lc_rs::digest::{SHA256, digest};
use chrono::NaiveDate;
use finance_contract::TransactionCreated;
use kernel::{CallError, TenantId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use uuid::Uuid;

/// Some entries, and the block before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainBlock {
    /// The place in the firm's chain: dense, from 1.
    pub(crate) seq: u64,
    pub(crate) entries: Vec<ChainedEntry>,
    /// The hash of the block before; 64 zeros in the first.
    pub(crate) previous_hash: String,
    /// SHA-256 over all of the above and the firm; lower-case hex.
    pub(crate) hash: String,
}

/// One entry in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainedEntry {
    pub(crate) id: Uuid,
    pub(crate) hash: String,
}

impl Document for ChainBlock {
    fn collection() -> &'static Collection {
        static BLOCKS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("journal_chain", Scoping::Tenant)
                .field("seq", FieldKind::Int)
                .unique(&["seq"])
                .serves(&[], &["seq"])
        });
        &BLOCKS
    }
}

/// Where a firm's chain ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainHead {
    pub(crate) end: ChainEnd,
}

/// The last block, and the place in the feed of its last entry: what is told again after a rewind is not appended again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainEnd {
    pub(crate) seq: u64,
    pub(crate) hash: String,
    pub(crate) feed_seq: u64,
}

impl ChainEnd {
    /// The end of a chain without blocks.
    pub(crate) fn beginning() -> Self {
        Self {
            seq: 0,
            hash: "0".repeat(64),
            feed_seq: 0,
        }
    }
}

impl ChainHead {
    /// The id of a firm's head.
    pub(crate) fn id(tenant: TenantId) -> Uuid {
        Uuid::new_v5(
            &Uuid::NAMESPACE_OID,
            format!("journal chain\u{0}{tenant}").as_bytes(),
        )
    }
}

impl Document for ChainHead {
    fn collection() -> &'static Collection {
        static HEADS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("journal_chain_heads", Scoping::Tenant).encrypted("end"));
        &HEADS
    }
}

/// What is hashed of an entry, in this order and as JSON: a change of the order or of a name breaks every chain. What it
/// was for is not in it: that is personal, and may be erased.
#[derive(Serialize)]
struct HashedEntry<'a> {
    tenant: TenantId,
    id: Uuid,
    user_id: kernel::UserId,
    kind: &'a str,
    account_id: Uuid,
    amount: String,
    date: NaiveDate,
    category: &'a str,
    legs: Vec<String>,
    reverses: Option<Uuid>,
}

/// The hash of an entry, from the facts that its event tells and that its document holds.
pub(crate) fn hash_of_entry(tenant: TenantId, facts: &TransactionCreated) -> Result<String, Error> {
    let leg = |leg: &Leg| format!("{} {}", leg.account, leg.amount);
    let text = serde_json::to_vec(&HashedEntry {
        tenant,
        id: facts.transaction_id,
        user_id: facts.user_id,
        kind: facts.kind.as_str(),
        account_id: facts.account_id,
        amount: facts.amount.to_string(),
        date: facts.date,
        category: &facts.category,
        legs: legs_of(facts)?.as_slice().iter().map(leg).collect(),
        reverses: facts.reverses,
    })
    .map_err(CallError::internal)?;
    Ok(hex::encode(digest(&SHA256, &text).as_ref()))
}

#[derive(Serialize)]
struct HashedBlock<'a> {
    tenant: TenantId,
    seq: u64,
    entries: &'a [ChainedEntry],
    previous_hash: &'a str,
}

/// The hash of a block.
pub(crate) fn hash_of_block(tenant: TenantId, block: &ChainBlock) -> Result<String, Error> {
    let text = serde_json::to_vec(&HashedBlock {
        tenant,
        seq: block.seq,
        entries: &block.entries,
        previous_hash: &block.previous_hash,
    })
    .map_err(CallError::internal)?;
    Ok(hex::encode(digest(&SHA256, &text).as_ref()))
}
