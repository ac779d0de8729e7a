use super::{
    chain::hash_of,
    models::{AuditHead, AuditRow, ChainEnd, Facts},
};
use events::{Failure, Projection};
use kernel::{AuditRecord, CallContext, EventEnvelope, Scope};
use store::{Batch, Query, Sort, Store};

/// Appends what every group records to the chain of its firm.
pub(crate) struct AuditProjection {
    store: Store,
}

impl AuditProjection {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Whether a firm has rows although its chain has no end: then somebody has taken the end away, and a new one would
    /// hide that.
    async fn has_rows(&self, cx: &CallContext) -> Result<bool, Failure> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let query = Query::sorted(Sort::descending("seq"));
        Ok(self.store.find_first::<AuditRow>(&scope, query).await?.is_some())
    }
}

#[rpc::async_trait]
impl Projection for AuditProjection {
    fn name(&self) -> &'static str {
        "auth.audit"
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == AuditRecord::EVENT_TYPE
    }

    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        let mut batch = self.store.batch(cx);
        // Read again after a rewind: what stands there stays.
        if self.store.get_anywhere::<AuditRow>(event.id).await?.is_some() {
            return Ok(batch);
        }
        let record: AuditRecord = event.data_as()?;
        let head = self
            .store
            .get_anywhere::<AuditHead>(AuditHead::id(event.tenant))
            .await?;
        if head.is_none() && self.has_rows(cx).await? {
            return Err(Failure::transient(format!(
                "the end of the audit log of firm {} is gone, so nothing is appended to it: see wealthctl audit verify",
                event.tenant
            )));
        }
        let end = head
            .as_ref()
            .map_or_else(ChainEnd::beginning, |head| head.end.clone());
        let row = next_row(event, record, &end)?;
        let next = AuditHead {
            end: ChainEnd {
                seq: row.seq,
                hash: row.hash.clone(),
            },
        };
        batch.insert(event.id, row);
        match head {
            Some(head) => batch.replace(&head.with(next)),
            None => batch.insert(AuditHead::id(event.tenant), next),
        };
        Ok(batch)
    }
}

fn next_row(event: &EventEnvelope, record: AuditRecord, end: &ChainEnd) -> Result<AuditRow, Failure> {
    let facts = Facts {
        changed: record.changed,
        before: record.before,
        after: record.after,
    };
    let mut row = AuditRow {
        seq: end.seq + 1,
        at: event.time,
        actor: event.actor.clone(),
        action: record.action,
        subject: record.subject,
        producer: event.producer.clone(),
        producer_seq: event.seq,
        request_id: event.correlation,
        allowed: record.allowed,
        facts: serde_json::to_string(&facts)?,
        previous_hash: end.hash.clone(),
        hash: String::new(),
    };
    row.hash = hash_of(event.tenant, event.id.into(), &row)?;
    Ok(row)
}
