use super::models::{ChainBlock, ChainEnd, ChainHead, hash_of_block, hash_of_entry};
use crate::{
    error::Error,
    transactions::{TransactionRecord, created},
};
use finance_contract::FinanceError;
use kernel::{MAX_PAGE, PageRequest, Scope, TenantId};
use serde::Serialize;
use std::collections::BTreeSet;
use store::{Query, Sort, Store, StoreError, Stored};
use uuid::Uuid;

/// What came of walking a firm's chain of entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryChainVerdict {
    /// The firm.
    pub tenant: TenantId,
    /// How many entries are as they were posted, from the first on.
    pub entries: u64,
    /// The first that is not; none when all are.
    pub broken: Option<BrokenEntry>,
}

/// The first entry of a chain that is not as it was posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenEntry {
    /// Its place among the firm's entries, from 1.
    pub place: u64,
    /// The entry; none when it cannot be told which.
    pub id: Option<Uuid>,
    /// What is wrong.
    pub reason: &'static str,
}

/// Walks the chains of entries.
pub struct EntryChains {
    store: Store,
}

struct Walk {
    tenant: TenantId,
    last: ChainEnd,
    sealed: Option<ChainEnd>,
    entries: u64,
    broken: Option<BrokenEntry>,
}

impl EntryChains {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Walks the chain of every firm and compares each entry with its document. Entries that are posted meanwhile do no
    /// harm.
    pub async fn verify(&self) -> Result<Vec<EntryChainVerdict>, FinanceError> {
        Ok(self.walk().await?)
    }

    async fn walk(&self) -> Result<Vec<EntryChainVerdict>, Error> {
        let mut verdicts = Vec::new();
        for tenant in self.firms().await? {
            verdicts.push(self.firm(tenant).await?);
        }
        Ok(verdicts)
    }

    async fn firm(&self, tenant: TenantId) -> Result<EntryChainVerdict, Error> {
        // First the end, then the blocks: the end is at a block that then must be there.
        let head = self.store.get_anywhere::<ChainHead>(ChainHead::id(tenant)).await;
        let mut walk = Walk {
            tenant,
            last: ChainEnd::beginning(),
            sealed: None,
            entries: 0,
            broken: None,
        };
        match head {
            Ok(head) => walk.sealed = head.map(|head| head.data.end),
            Err(error @ StoreError::Unavailable { .. }) => return Err(error.into()),
            Err(_) => walk.mark(
                None,
                "the end of the chain cannot be opened: it was changed, or sealed with another key",
            ),
        }
        let mut cursor = None;
        while walk.broken.is_none() {
            let query = Query::sorted(Sort::ascending("seq")).page(page(cursor));
            let blocks = self
                .store
                .find::<ChainBlock>(&Scope::Tenant { tenant }, query)
                .await?;
            for block in &blocks.items {
                self.step(&mut walk, block).await?;
            }
            cursor = blocks.next;
            if cursor.is_none() {
                break;
            }
        }
        if walk.sealed.as_ref().is_some_and(|end| end.seq > walk.last.seq) {
            walk.mark(None, "the entries are missing: the chain was cut off here");
        }
        Ok(EntryChainVerdict {
            tenant,
            entries: walk.entries,
            broken: walk.broken,
        })
    }

    async fn step(&self, walk: &mut Walk, block: &Stored<ChainBlock>) -> Result<(), Error> {
        if walk.broken.is_some() {
            return Ok(());
        }
        let first = block.entries.first().map(|entry| entry.id);
        let hash = hash_of_block(walk.tenant, block)?;
        if block.seq != walk.last.seq + 1 {
            walk.mark(None, "a block of the chain is missing");
        } else if block.hash != hash {
            walk.mark(
                first,
                "the block was changed: it does not have the hash that stands in it",
            );
        } else if block.previous_hash != walk.last.hash {
            walk.mark(first, "the block does not follow the one before it");
        } else if walk.sealed.is_none() {
            walk.mark(first, "there are blocks, but the end of the chain is gone");
        } else if walk
            .sealed
            .as_ref()
            .is_some_and(|end| end.seq == block.seq && end.hash != hash)
        {
            walk.mark(
                first,
                "the chain was written anew: it does not end as it was sealed",
            );
        } else {
            self.entries(walk, block).await?;
            walk.last = ChainEnd {
                seq: block.seq,
                hash,
                feed_seq: 0,
            };
        }
        Ok(())
    }

    /// Compares the entries of a block with their documents.
    async fn entries(&self, walk: &mut Walk, block: &ChainBlock) -> Result<(), Error> {
        for entry in &block.entries {
            let found = self.store.get_anywhere::<TransactionRecord>(entry.id).await;
            let document = match found {
                Ok(Some(document)) => document,
                Ok(None) => {
                    walk.mark(Some(entry.id), "the entry is missing");
                    return Ok(());
                }
                Err(error @ StoreError::Unavailable { .. }) => return Err(error.into()),
                Err(_) => {
                    walk.mark(Some(entry.id), "the entry cannot be read: it was changed");
                    return Ok(());
                }
            };
            let whole = match created(&document) {
                Ok(facts) => hash_of_entry(walk.tenant, &facts)? == entry.hash,
                Err(_) => false,
            };
            if !whole || document.tenant_id != walk.tenant {
                walk.mark(
                    Some(entry.id),
                    "the entry was changed: it does not have the hash that the chain holds of it",
                );
                return Ok(());
            }
            walk.entries += 1;
        }
        Ok(())
    }

    /// Every firm that has a chain, or should have one.
    async fn firms(&self) -> Result<BTreeSet<TenantId>, Error> {
        let mut firms = BTreeSet::from([TenantId::DEFAULT]);
        let mut cursor = None;
        loop {
            let query = Query::sorted(Sort::ascending("id")).page(page(cursor));
            let blocks = self.store.find_everywhere::<ChainBlock>(query).await?;
            firms.extend(blocks.items.iter().map(|block| block.tenant_id));
            cursor = blocks.next;
            if cursor.is_none() {
                return Ok(firms);
            }
        }
    }
}

impl Walk {
    fn mark(&mut self, id: Option<Uuid>, reason: &'static str) {
        let place = self.entries + 1;
        self.broken.get_or_insert(BrokenEntry { place, id, reason });
    }
}

fn page(cursor: Option<String>) -> PageRequest {
    PageRequest {
        limit: MAX_PAGE,
        cursor,
        count: false,
    }
}
