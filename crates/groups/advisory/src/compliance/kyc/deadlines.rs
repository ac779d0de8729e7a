use super::{
    models::{KycAlert, KycDeadline},
    rules::{next_stage, stage},
};
use crate::clients::ClientRecord;
use advisory_contract::{
    CLIENT_CREATED, CLIENT_DELETED, CLIENT_REASSIGNED, CLIENT_UPDATED, ClientChanged, KYC_EXPIRING,
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use events::{
    Failure, Projection,
    jobs::{JobDone, JobHandler, JobRun},
};
use kernel::{CallContext, ClientId, EventEnvelope, MAX_PAGE, NewEvent};
use serde_json::json;
use store::{Batch, Query, Sort, Store, StoreError, Stored};
use uuid::Uuid;

/// Keeps when each identity check ends; hears the group itself.
pub(crate) struct DeadlinesProjection {
    store: Store,
    timezone: Tz,
}

impl DeadlinesProjection {
    pub(crate) fn new(store: Store, timezone: Tz) -> Self {
        Self { store, timezone }
    }
}

#[rpc::async_trait]
impl Projection for DeadlinesProjection {
    fn name(&self) -> &'static str {
        "advisory.kyc_deadlines"
    }

    fn wants(&self, event_type: &str) -> bool {
        matches!(
            event_type,
            CLIENT_CREATED | CLIENT_UPDATED | CLIENT_REASSIGNED | CLIENT_DELETED
        )
    }

    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        let change: ClientChanged = event.data_as()?;
        let client = self.store.get_anywhere::<ClientRecord>(change.client_id).await?;
        let good_until = client.and_then(|client| client.kyc_expiry_date);
        let known = self.store.get_anywhere::<KycDeadline>(change.client_id.0).await?;
        let mut batch = self.store.batch(cx);
        if known.as_ref().map(|known| known.good_until) == Some(good_until) {
            return Ok(batch);
        }
        let deadline = KycDeadline {
            good_until,
            told: None,
            next_at: good_until
                .and_then(|end| next_stage(end, None))
                .map(|day| begins(day, self.timezone)),
        };
        match &known {
            Some(known) => batch.replace(&known.with(deadline)),
            None => batch.insert(change.client_id.0, deadline),
        };
        Ok(batch)
    }
}

/// Tells of identity checks that end in 90, 60 or 30 days, or today: each once, whatever process runs it.
pub(crate) struct KycAlertJob {
    store: Store,
    timezone: Tz,
}

impl KycAlertJob {
    /// The kind of the job: to be asked for once a day or more often.
    pub(crate) const KIND: &'static str = "advisory.kyc_alerts";

    pub(crate) fn new(store: Store, timezone: Tz) -> Self {
        Self { store, timezone }
    }

    /// The client's alert, the event and the next stage in one commit; nothing when another process was faster.
    async fn tell(&self, deadline: &Stored<KycDeadline>, today: NaiveDate) -> Result<(), Failure> {
        let cx = CallContext::system(self.store.group(), deadline.tenant_id, self.store.sources().ids());
        let client = self.store.get_anywhere::<ClientRecord>(deadline.id).await?;
        let due = deadline
            .good_until
            .and_then(|end| stage(end, today).map(|stage| (end, stage)));
        let mut batch = self.store.batch(&cx);
        let next = due.and_then(|(end, stage)| next_stage(end, Some(stage)));
        batch.replace(&deadline.changed(|deadline| {
            deadline.told = due.map(|(_, stage)| stage);
            deadline.next_at = next.map(|day| begins(day, self.timezone));
        }));
        if let (Some(client), Some((good_until, stage))) = (client, due) {
            let alert = KycAlert {
                user_id: client.user_id,
                client_id: ClientId(client.id),
                advisor_id: Some(client.advisor_id),
                good_until,
                stage,
            };
            let name = format!("kyc-alert\u{0}{good_until}\u{0}{stage}");
            let data = json!({
                "client_id": client.id, "user_id": client.user_id, "advisor_id": client.advisor_id,
                "good_until": good_until, "stage": stage,
            });
            let id = Uuid::new_v5(&client.id, name.as_bytes());
            batch.require(&client);
            batch.insert(id, alert);
            batch.event(NewEvent::new(
                &cx,
                KYC_EXPIRING,
                format!("client/{}", client.id),
                data,
            ));
        }
        match self.store.commit(batch).await {
            Ok(_) | Err(StoreError::VersionConflict { .. } | StoreError::Duplicate { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[rpc::async_trait]
impl JobHandler for KycAlertJob {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        let now = self.store.sources().now();
        let today = now.with_timezone(&self.timezone).date_naive();
        let soon = now + chrono::TimeDelta::milliseconds(1);
        let due = Query::sorted(Sort::ascending("next_at")).between(None, Some(soon.into()));
        let mut cursor = None;
        loop {
            let page = kernel::PageRequest {
                limit: MAX_PAGE,
                cursor,
                count: false,
            };
            let page = self
                .store
                .find_everywhere::<KycDeadline>(due.clone().page(page))
                .await?;
            for deadline in &page.items {
                self.tell(deadline, today).await?;
            }
            cursor = page.next;
            if cursor.is_none() || job.is_stopping() {
                return Ok(JobDone::empty());
            }
        }
    }
}

/// When a day begins where the firm is.
fn begins(day: NaiveDate, timezone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    match midnight.and_local_timezone(timezone).earliest() {
        Some(begins) => begins.with_timezone(&Utc),
        None => midnight.and_utc(),
    }
}
