use super::{
    chain::hash_of,
    models::{AuditHead, AuditRow, ChainEnd, Facts},
};
use events::{Failure, Projection};
use kernel::{AuditRecord, CallContext, EventEnvelope, Scope};
use std::time::Duration;
use store::{Batch, Query, Sort, Store, Stored};

/// How many rows one commit appends at most.
const LONGEST_RUN: usize = 100;

/// How long rows gather: short for whoever looks at the log, and at a hundred postings a second a tenth of the commits.
const GATHERS_FOR: Duration = Duration::from_millis(50);

/// Appends what every group records to the chain of its firm.
pub(crate) struct AuditProjection {
    store: Store,
}

impl AuditProjection {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The head of the firm's chain; none before its first row.
    async fn head(&self, cx: &CallContext) -> Result<Option<Stored<AuditHead>>, Failure> {
        let head = self
            .store
            .get_anywhere::<AuditHead>(AuditHead::id(cx.tenant()))
            .await?;
        if head.is_none() && self.has_rows(cx).await? {
            return Err(Failure::transient(format!(
                "the end of the audit log of firm {} is gone, so nothing is appended to it: see wealthctl audit verify",
                cx.tenant()
            )));
        }
        Ok(head)
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
        let head = self.head(cx).await?;
        let mut end = head
            .as_ref()
            .map_or_else(ChainEnd::beginning, |head| head.end.clone());
        let mut rows = Vec::new();
        for event in run {
            // Read again after a rewind: what stands there stays.
            if self.store.get_anywhere::<AuditRow>(event.id).await?.is_some() {
                continue;
            }
            let row = next_row(event, event.data_as()?, &end)?;
            end = ChainEnd {
                seq: row.seq,
                hash: row.hash.clone(),
            };
            rows.push((event.id, row));
        }
        if rows.is_empty() {
            return Ok(batch);
        }
        // The end goes first: whoever is late is told of a newer version and tries again. Told that a place is taken, it
        // would give the record up.
        match head {
            Some(head) => batch.replace(&head.with(AuditHead { end })),
            None => batch.insert(AuditHead::id(cx.tenant()), AuditHead { end }),
        };
        for (id, row) in rows {
            batch.insert(id, row);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::NewEvent;
    use store::StoreError;
    use testkit::Harness;

    fn recorded(harness: &Harness, seq: u64) -> EventEnvelope {
        let cx = harness.system("finance");
        let record = AuditRecord {
            action: "transaction.created".to_owned(),
            subject: format!("transaction/{seq}"),
            changed: Vec::new(),
            before: std::collections::BTreeMap::new(),
            after: std::collections::BTreeMap::new(),
            allowed: true,
        };
        let event: NewEvent = record.into_event(&cx);
        EventEnvelope {
            seq,
            id: harness.sources.ids().next(),
            event_type: event.event_type,
            version: event.version,
            time: harness.sources.now(),
            producer: "finance".to_owned(),
            tenant: event.tenant,
            actor: event.actor,
            subject: event.subject,
            correlation: event.correlation,
            causation: None,
            data: event.data,
        }
    }

    /// Several feeds append to one chain at once. A taken place in the chain would make a dead letter of the record.
    #[tokio::test]
    async fn whoever_is_late_for_the_end_of_the_chain_loses_a_race_and_not_the_record() {
        let harness = Harness::new();
        let store = harness.store("auth", crate::collections()).await;
        let (projection, cx) = (AuditProjection::new(store.clone()), harness.system("auth"));
        let first = projection.apply(&cx, &recorded(&harness, 1)).await.unwrap();
        store.commit(first).await.unwrap();
        let quick = projection.apply(&cx, &recorded(&harness, 2)).await.unwrap();
        let late = projection.apply(&cx, &recorded(&harness, 3)).await.unwrap();
        store.commit(quick).await.unwrap();
        let refused = store.commit(late).await.unwrap_err();
        assert!(
            matches!(refused, StoreError::VersionConflict { .. }),
            "{refused:?}"
        );
    }
}
