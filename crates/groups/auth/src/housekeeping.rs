//! What has served its time is removed: ended sessions, refresh tokens and codes that expired, keys
//! whose tokens are over, records of sent mail, users who deleted their accounts thirty days ago.

use crate::{
    keys::SigningKeys,
    mail,
    one_time::OneTimeToken,
    personal::{ErasureJob, Erasures},
    sessions::{RefreshToken, Session},
};
use chrono::{DateTime, TimeDelta, Utc};
use events::{
    Failure,
    jobs::{JobDone, JobHandler, JobRun, purge_ended},
};
use kernel::MAX_PAGE;
use store::{Document, Query, Sort, Store};

/// How long what has ended is kept, so that who asks what happened finds it.
const KEPT: TimeDelta = TimeDelta::days(30);

/// The job that removes what has served its time.
pub(crate) struct Housekeeping {
    store: Store,
    keys: SigningKeys,
    erasures: Erasures,
}

impl Housekeeping {
    /// The kind of the job.
    pub(crate) const KIND: &'static str = "auth.housekeeping";

    pub(crate) fn new(store: Store, keys: SigningKeys) -> Self {
        Self {
            erasures: Erasures::new(store.clone()),
            store,
            keys,
        }
    }

    /// Removes every document whose sort field lies before the moment, a page in a commit.
    async fn sweep<T: Document>(
        &self,
        job: &mut JobRun,
        query: Query,
        before: DateTime<Utc>,
    ) -> Result<(), Failure> {
        loop {
            let query = query.clone().between(None, Some(before.into())).limit(MAX_PAGE);
            let page = self.store.find_everywhere::<T>(query).await?;
            if page.items.is_empty() {
                return Ok(());
            }
            let mut batch = job.batch();
            for document in &page.items {
                batch.remove(document);
            }
            job.checkpoint(batch, &()).await?;
        }
    }
}

#[rpc::async_trait]
impl JobHandler for Housekeeping {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        let now = self.store.sources().now();
        let by_expiry = || Query::sorted(Sort::ascending("expires_at"));
        // A used refresh token is kept as long as it would have lived: one that comes back is somebody's theft.
        self.sweep::<RefreshToken>(job, by_expiry(), now).await?;
        self.sweep::<OneTimeToken>(job, by_expiry(), now).await?;
        let expired = by_expiry().equals("ended", false);
        self.sweep::<Session>(job, expired, now - KEPT).await?;
        let ended = Query::sorted(Sort::ascending("ended_at")).equals("ended", true);
        self.sweep::<Session>(job, ended, now - KEPT).await?;
        for kind in [mail::KIND, Self::KIND, ErasureJob::KIND] {
            purge_ended(&self.store, &job.cx(), kind, now - KEPT).await?;
        }
        self.erasures.begin_due(job).await?;
        self.keys.purge().await.map_err(Failure::from_fault)?;
        Ok(JobDone::empty())
    }
}
