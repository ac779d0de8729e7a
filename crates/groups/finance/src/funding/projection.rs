use super::bookkeeping::{entry, entry_id};
use crate::{
    access::{Access, Owner},
    balances::Folding,
    error::Error,
    journal::Journal,
    metrics::LedgerMetrics,
    stamps::stamp_what_was_missed,
    transactions::TransactionRecord,
};
use events::{Failure, Projection};
use finance_contract::TRANSACTION_CREATED;
use kernel::{AuditRecord, CallContext, EventEnvelope, Scope};
use store::{Batch, Stored};
use wealth_contract::{FUNDING_SETTLED, FundingChanged};

/// How often an entry is decided anew because somebody else was faster.
const ATTEMPTS: usize = 16;

/// Posts what was settled; hears the wealth group. Needs nothing but the group's own store, so only a refusal of the ledger
/// itself, such as a closed period, makes a dead letter.
pub(crate) struct FundingProjection {
    journal: Journal,
    access: Access,
    folding: Folding,
    metrics: LedgerMetrics,
}

impl FundingProjection {
    pub(crate) fn new(journal: Journal, access: Access, folding: Folding, metrics: LedgerMetrics) -> Self {
        Self {
            journal,
            access,
            folding,
            metrics,
        }
    }

    /// The entry of a funding: the one that is there, or a new one.
    async fn post(
        &self,
        cx: &CallContext,
        funding: &FundingChanged,
    ) -> Result<Stored<TransactionRecord>, Error> {
        let store = self.journal.documents();
        let id = entry_id(funding.funding_id);
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let mut last = None;
        for _ in 0..ATTEMPTS {
            if let Some(posted) = store.get(&scope, id).await? {
                return Ok(posted);
            }
            let heard = self.access.heard(cx, funding.user_id).await?;
            let owner = heard.unwrap_or(Owner::of_nobodys_client(funding.user_id));
            let mut batch = store.batch(cx);
            let mut page = self.journal.page(cx.tenant(), funding.user_id).await?;
            let stored = page.post(cx, &mut batch, id, entry(owner, funding)?)?;
            page.finish(cx, &mut batch);
            let audit = AuditRecord::new(TRANSACTION_CREATED, format!("transaction/{id}"))
                .changing("type", None, Some(stored.kind))
                .changing("amount", None, Some(stored.amount.to_string()))
                .changing("currency", None, Some(stored.currency));
            batch.event(audit.into_event(cx));
            match store.commit(batch).await {
                Ok(_) => {
                    self.metrics.posted(stored.kind, stored.currency, stored.amount);
                    self.folding.posted(cx.tenant(), funding.user_id.0);
                    return Ok(stored);
                }
                Err(error) if error.is_lost_race() => last = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        Err(last
            .unwrap_or_else(|| store::StoreError::internal("no attempt was made"))
            .into())
    }
}

#[rpc::async_trait]
impl Projection for FundingProjection {
    fn name(&self) -> &'static str {
        "finance.funding"
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == FUNDING_SETTLED
    }

    /// Commits the entry by itself and looks at the stamps once more afterwards. Whoever stops in between finds the entry by
    /// its id when the event comes again, so the batch that moves the cursor holds nothing.
    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        let funding: FundingChanged = event.data_as()?;
        let posted = self.post(cx, &funding).await.map_err(Failure::from_fault)?;
        let store = self.journal.documents();
        let stamped = (posted.client_id, posted.advisor_id);
        stamp_what_was_missed(&self.access, store, cx, funding.user_id, stamped)
            .await
            .map_err(Failure::from_fault)?;
        Ok(store.batch(cx))
    }

    /// What is posted stays posted: when it hears everything again, it finds its entries by their ids.
    async fn reset(&self, cx: &CallContext) -> Result<Option<Batch>, Failure> {
        Ok(Some(self.journal.documents().batch(cx)))
    }
}
