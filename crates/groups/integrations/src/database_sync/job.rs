use super::{
    address::{DatabaseAddress, DatabaseHosts},
    links::{MovementLink, RowLink},
    models::{RunRecord, SyncRecord},
    postgres::Connector,
    requests::RunState,
    row::Reading,
    run::{Halt, Run},
    table::Table,
};
use auth_contract::{AuthError, UserStatus, UsersClient};
use events::{
    Failure,
    jobs::{JobDone, JobHandler, JobRun},
};
use finance_contract::ExchangeClient;
use kernel::MAX_PAGE;
use store::{Document, Query, Sort, Store, Stored};
use uuid::Uuid;

/// The kind of the job that runs a sync.
pub(crate) const RUN: &str = "integrations.database_sync";
/// The kind of the job that forgets what a deleted sync remembered.
pub(crate) const FORGET: &str = "integrations.forget_database_sync";

/// How often a run is begun before it is given up: with the waits in between, some minutes.
const ATTEMPTS: u32 = 9;

/// Runs syncs. Killed at any moment, the next attempt goes on: see the module.
pub(crate) struct SyncJob {
    pub(super) store: Store,
    pub(super) users: UsersClient,
    pub(super) exchange: ExchangeClient,
    pub(super) connector: Connector,
    pub(super) hosts: DatabaseHosts,
}

impl SyncJob {
    async fn attempt(&self, run: &mut Run<'_>) -> Result<(), Halt> {
        self.require_active(run).await?;
        let address = DatabaseAddress::parse(&run.sync.connection).map_err(Halt::Given)?;
        if !self.hosts.allow(&address) {
            return Err(Halt::Given(format!(
                "the operator does not allow databases on {}:{} any more",
                address.host, address.port
            )));
        }
        let mut client = self.connector.connect(&address).await?;
        let has_accounts = !run.sync.accounts.is_empty();
        let table = Table::find(&client, &run.sync.table, &run.sync.columns, has_accounts).await?;
        run.reading = Reading::new(&run.sync.data, table.has_type(), table.has_currency());
        run.settle_pending().await?;
        let direction = run.record.direction;
        if direction.reads() {
            run.take_in(&client, &table).await?;
        }
        if direction.writes() {
            run.send_out(&mut client, &table).await?;
        }
        Ok(())
    }

    async fn require_active(&self, run: &Run<'_>) -> Result<(), Halt> {
        match self.users.user(&run.cx(), run.sync.user_id).await {
            Ok(user) if user.status == UserStatus::Active => Ok(()),
            Ok(_) | Err(AuthError::UserNotFound) => Err(Halt::Given("this account is not active".to_owned())),
            Err(error) => Err(Halt::Again(Failure::from_fault(error))),
        }
    }

    async fn begin(&self, job: &mut JobRun, record: Stored<RunRecord>) -> Result<Stored<RunRecord>, Failure> {
        let mut batch = job.batch();
        let now = batch.now();
        // What an attempt before this one reported is met again.
        let record = batch.replace(&record.changed(|run| {
            run.state = RunState::Running;
            run.began_at.get_or_insert(now);
            run.counts.rows_read = 0;
            run.counts.problems = 0;
            run.counts.conflicts = 0;
            run.problems.clear();
            run.conflicts.clear();
        }));
        job.checkpoint(batch, &record.counts).await?;
        Ok(record)
    }

    /// Writes down why an attempt did not come to its end, as far as it came.
    async fn wait(&self, job: &JobRun, run: Uuid, failure: &Failure) -> Result<(), Failure> {
        let Some(record) = self.store.get_anywhere::<RunRecord>(run).await? else {
            return Ok(());
        };
        let mut batch = job.batch();
        batch.replace(&record.changed(|run| run.failure = Some(failure.to_string())));
        Ok(self.store.commit(batch).await.map(drop)?)
    }
}

fn ended(job: &JobRun, record: &Stored<RunRecord>, state: RunState, failure: Option<String>) -> JobDone {
    let mut batch = job.batch();
    let now = batch.now();
    batch.replace(&record.changed(|run| {
        run.state = state;
        run.failure = failure;
        run.ended_at = Some(now);
    }));
    JobDone::empty().with_batch(batch)
}

#[rpc::async_trait]
impl JobHandler for SyncJob {
    fn kind(&self) -> &'static str {
        RUN
    }

    fn attempts(&self) -> u32 {
        ATTEMPTS
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        let id = job.id().0;
        let Some(record) = self.store.get_anywhere::<RunRecord>(id).await? else {
            return Ok(JobDone::empty());
        };
        if !record.state.is_open() {
            return Ok(JobDone::empty());
        }
        let sync = self.store.get_anywhere::<SyncRecord>(record.sync_id).await?;
        let Some(sync) = sync.filter(|sync| sync.deleted_at.is_none()) else {
            let gone = Some("the sync was deleted".to_owned());
            return Ok(ended(job, &record, RunState::Failed, gone));
        };
        let record = self.begin(job, record).await?;
        let mut run = Run {
            store: &self.store,
            exchange: &self.exchange,
            reading: Reading::new(&sync.data, true, true),
            sync,
            record,
            job,
        };
        let came = self.attempt(&mut run).await;
        let record = run.record;
        match came {
            Ok(()) => Ok(ended(job, &record, RunState::Done, None)),
            Err(Halt::Given(reason)) => Ok(ended(job, &record, RunState::Failed, Some(reason))),
            Err(Halt::Again(failure)) if !failure.is_transient() || job.attempt() >= ATTEMPTS => {
                tracing::warn!(run = %id, error = &failure as &dyn std::error::Error, "a database sync was given up");
                Ok(ended(job, &record, RunState::Failed, Some(failure.to_string())))
            }
            Err(Halt::Again(failure)) => {
                self.wait(job, id, &failure).await?;
                Err(failure)
            }
        }
    }
}

/// Forgets what belonged together in a sync that was deleted.
pub(crate) struct ForgetJob {
    store: Store,
}

impl ForgetJob {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    async fn forget<T: Document>(&self, job: &mut JobRun, sync: Uuid) -> Result<(), Failure> {
        loop {
            let query = Query::sorted(Sort::ascending("created_at"))
                .equals("sync_id", sync)
                .limit(MAX_PAGE);
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
impl JobHandler for ForgetJob {
    fn kind(&self) -> &'static str {
        FORGET
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        let sync: Uuid = job.payload()?;
        self.forget::<RowLink>(job, sync).await?;
        self.forget::<MovementLink>(job, sync).await?;
        self.forget::<RunRecord>(job, sync).await?;
        Ok(JobDone::empty())
    }
}
