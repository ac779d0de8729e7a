use super::PersonalRecords;
use crate::AuthFailure;
use chrono::{DateTime, TimeDelta, Utc};
use events::{
    Failure,
    jobs::{JobDone, JobHandler, JobRun, NewJob},
};
use kernel::{CallContext, MAX_PAGE, TenantId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Batch, Collection, Document, FieldKind, Query, Scoping, Sort, Store, Stored};

/// How long a deleted account can be taken back; then it is erased.
pub(crate) const KEPT_AFTER_DELETION: TimeDelta = TimeDelta::days(30);

/// How long an erasure that a user asked for waits: until no access token of theirs can be good any more, so that the
/// ended sessions are known meanwhile to processes that start.
pub(crate) const GRACE: TimeDelta = TimeDelta::minutes(6);

/// That a user is to be erased, under the user's own id. Stands until every group has done it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Erasure {
    /// Not before this moment.
    pub(crate) due_at: DateTime<Utc>,
}

impl Document for Erasure {
    fn collection() -> &'static Collection {
        static ERASURES: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("erasures", Scoping::Tenant)
                .field("due_at", FieldKind::Time)
                .serves(&[], &["due_at"])
        });
        &ERASURES
    }
}

/// Whom the job erases.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Order {
    user_id: UserId,
}

/// What is to be erased, and when.
#[derive(Clone)]
pub(crate) struct Erasures {
    store: Store,
}

impl Erasures {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    pub(crate) async fn of(&self, user: UserId) -> Result<Option<Stored<Erasure>>, AuthFailure> {
        Ok(self.store.get_anywhere(user).await?)
    }

    /// Lets the batch say that the user is to be erased, not before this moment: that of an earlier word counts if it
    /// is sooner. What is due is begun by [`Self::begin`], or else by housekeeping.
    pub(crate) async fn plan(
        &self,
        batch: &mut Batch,
        user: UserId,
        due_at: DateTime<Utc>,
    ) -> Result<(), AuthFailure> {
        match self.of(user).await? {
            Some(known) => {
                let sooner = known.due_at.min(due_at);
                batch.replace(&known.changed(|erasure| erasure.due_at = sooner));
            }
            None => {
                batch.insert(user, Erasure { due_at });
            }
        }
        Ok(())
    }

    /// Begins an erasure that is planned, as soon as it is due.
    pub(crate) async fn begin(
        &self,
        tenant: TenantId,
        user: UserId,
        due_at: DateTime<Utc>,
    ) -> Result<(), AuthFailure> {
        let cx = CallContext::system(self.store.group(), tenant, self.store.sources().ids());
        let mut batch = self.store.batch(&cx);
        self.enqueue(&mut batch, tenant, user, due_at)?;
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Begins what is due and has not been done, a page at a time: also what failed before.
    pub(crate) async fn begin_due(&self, job: &mut JobRun) -> Result<(), Failure> {
        let now = self.store.sources().now();
        let query = Query::sorted(Sort::ascending("due_at"))
            .between(None, Some(now.into()))
            .limit(MAX_PAGE);
        let due = self.store.find_everywhere::<Erasure>(query).await?.items;
        for erasure in due {
            let mut batch = job.batch().in_tenant(erasure.tenant_id);
            self.enqueue(&mut batch, erasure.tenant_id, UserId(erasure.id), now)
                .map_err(Failure::from_fault)?;
            job.checkpoint(batch, &()).await?;
        }
        Ok(())
    }

    /// The job belongs to nobody: what belongs to the user is erased by it.
    fn enqueue(
        &self,
        batch: &mut Batch,
        tenant: TenantId,
        user: UserId,
        due_at: DateTime<Utc>,
    ) -> Result<(), AuthFailure> {
        let cx = CallContext::system(self.store.group(), tenant, self.store.sources().ids());
        let job = NewJob::new(ErasureJob::KIND, &Order { user_id: user })?;
        job.due(due_at).enqueue(&self.store, &cx, batch);
        Ok(())
    }
}

/// The job that takes a user out of every group. While one is away it is tried again, and every hour anew.
pub(crate) struct ErasureJob {
    erasures: Erasures,
    records: PersonalRecords,
}

impl ErasureJob {
    /// The kind of the job.
    pub(crate) const KIND: &'static str = "auth.erasure";

    pub(crate) fn new(erasures: Erasures, records: PersonalRecords) -> Self {
        Self { erasures, records }
    }
}

#[rpc::async_trait]
impl JobHandler for ErasureJob {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        let user = job.payload::<Order>()?.user_id;
        let erasure = self.erasures.of(user).await.map_err(Failure::from_fault)?;
        // Taken back, or done by another run of the job.
        if erasure.is_none_or(|erasure| erasure.due_at > job.batch().now()) {
            return Ok(JobDone::empty());
        }
        let done = self.records.take_out(&job.cx(), user).await;
        done.map_err(Failure::from_fault)?;
        Ok(JobDone::empty())
    }
}
