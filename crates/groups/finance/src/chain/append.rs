use super::models::{ChainBlock, ChainEnd, ChainHead, ChainedEntry, hash_of_block, hash_of_entry};
use events::{Failure, Projection};
use finance_contract::{TRANSACTION_CREATED, TransactionCreated};
use kernel::{CallContext, EventEnvelope, Scope};
use std::time::Duration;
use store::{Batch, Query, Sort, Store};
use uuid::Uuid;

/// How many entries one block takes at most.
const LONGEST_RUN: usize = 100;

/// How long entries gather: a block then holds what a twentieth of a second brought, and is one commit.
const GATHERS_FOR: Duration = Duration::from_millis(50);

/// Appends what is posted to the chain of its firm.
pub(crate) struct ChainProjection {
    store: Store,
}

impl ChainProjection {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Whether a firm has blocks: then a head that is gone was taken away, and a new one would hide that.
    async fn has_blocks(&self, cx: &CallContext) -> Result<bool, Failure> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let query = Query::sorted(Sort::descending("seq"));
        Ok(self
            .store
            .find_first::<ChainBlock>(&scope, query)
            .await?
            .is_some())
    }
}

#[rpc::async_trait]
impl Projection for ChainProjection {
    fn name(&self) -> &'static str {
        "finance.chain"
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == TRANSACTION_CREATED
    }

    fn longest_run(&self) -> usize {
        LONGEST_RUN
    }

    fn gathers_for(&self) -> Duration {
        GATHERS_FOR
    }

    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        self.apply_run(cx, &[event]).await
    }

    async fn apply_run(&self, cx: &CallContext, run: &[&EventEnvelope]) -> Result<Batch, Failure> {
        let mut batch = self.store.batch(cx);
        let head = self
            .store
            .get_anywhere::<ChainHead>(ChainHead::id(cx.tenant()))
            .await?;
        if head.is_none() && self.has_blocks(cx).await? {
            return Err(Failure::transient(format!(
                "the end of the chain of entries of firm {} is gone, so nothing is appended to it: see wealthctl audit verify",
                cx.tenant()
            )));
        }
        let end = head
            .as_ref()
            .map_or_else(ChainEnd::beginning, |head| head.end.clone());
        let mut entries = Vec::new();
        for event in run.iter().filter(|event| event.seq > end.feed_seq) {
            let facts: TransactionCreated = event.data_as()?;
            entries.push(ChainedEntry {
                id: facts.transaction_id,
                hash: hash_of_entry(cx.tenant(), &facts).map_err(Failure::from_fault)?,
            });
        }
        let Some(last) = run.last().filter(|_| !entries.is_empty()) else {
            return Ok(batch);
        };
        let mut block = ChainBlock {
            seq: end.seq + 1,
            entries,
            previous_hash: end.hash,
            hash: String::new(),
        };
        block.hash = hash_of_block(cx.tenant(), &block).map_err(Failure::from_fault)?;
        let end = ChainEnd {
            seq: block.seq,
            hash: block.hash.clone(),
            feed_seq: last.seq,
        };
        // The end goes first: whoever is late is told of a newer version and tries again.
        match head {
            Some(head) => batch.replace(&head.with(ChainHead { end })),
            None => batch.insert(ChainHead::id(cx.tenant()), ChainHead { end }),
        };
        batch.insert(self.store.sources().ids().next::<Uuid>(), block);
        Ok(batch)
    }
}
