use super::{
    apply::{Applier, Importing},
    records::ImportRecord,
    requests::ImportState,
    source::Source,
};
use crate::{accounts::AccountRecord, error::Error};
use events::{
    Failure,
    jobs::{JobDone, JobHandler, JobRun},
};
use kernel::{ErrorKind, Fault, Scope};
use store::{Blob, Store, Stored};
use uuid::Uuid;

/// The kind of the job.
pub(crate) const KIND: &str = "finance.import";

/// Posts the rows of a statement that was spooled. Killed at any moment, it goes on behind the last commit: progress
/// and rows are one commit, so nothing is lost and nothing comes twice.
pub(crate) struct ImportJob {
    store: Store,
    applier: Applier,
}

impl ImportJob {
    pub(crate) fn new(store: Store, applier: Applier) -> Self {
        Self { store, applier }
    }

    async fn go_on(
        &self,
        job: &JobRun,
        import: Stored<ImportRecord>,
    ) -> Result<Stored<ImportRecord>, Failure> {
        let account = self
            .store
            .get_anywhere::<AccountRecord>(import.account_id)
            .await?;
        let Some(account) = account else {
            return self.give_up(job, import, "the account was deleted").await;
        };
        let Some(blob) = self.blob(&import).await? else {
            return self.give_up(job, import, "the file is gone: send it again").await;
        };
        let mut importing = Importing {
            id: import.id,
            account,
            record: import.data.clone(),
            stored: Some(import),
            preview: Vec::new(),
            first_new: None,
        };
        let source = Source::Spooled(blob);
        let applied = self
            .applier
            .apply(&mut importing, &source, || job.cx(), || job.is_stopping())
            .await;
        let Some(stored) = importing.stored else {
            return Err(Failure::permanent("the import lost its record"));
        };
        match applied {
            Ok(()) => Ok(stored),
            Err(error) if is_final(&error) => self.give_up(job, stored, &error.to_string()).await,
            Err(error) => Err(Failure::from_fault(error)),
        }
    }

    async fn blob(&self, import: &Stored<ImportRecord>) -> Result<Option<Blob>, Failure> {
        let Some(id) = import.blob else { return Ok(None) };
        let scope = Scope::Tenant {
            tenant: import.tenant_id,
        };
        Ok(self.store.blob(&scope, id).await?)
    }

    async fn give_up(
        &self,
        job: &JobRun,
        import: Stored<ImportRecord>,
        why: &str,
    ) -> Result<Stored<ImportRecord>, Failure> {
        let mut batch = self.store.batch(&job.cx());
        let stored = batch.replace(&import.changed(|record| {
            record.state = ImportState::Failed;
            record.failure = Some(why.to_owned());
        }));
        self.store.commit(batch).await?;
        Ok(stored)
    }
}

/// Whether trying again changes nothing, and the reason may be told.
fn is_final(error: &Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::Internal | ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::FailedDependency
    )
}

#[rpc::async_trait]
impl JobHandler for ImportJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn attempts(&self) -> u32 {
        50
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        let id: Uuid = job.payload()?;
        let Some(import) = self.store.get_anywhere::<ImportRecord>(id).await? else {
            return Ok(JobDone::empty());
        };
        let import = match import.state {
            ImportState::Waiting | ImportState::Running => self.go_on(job, import).await?,
            ImportState::Done | ImportState::Failed => import,
        };
        if let Some(blob) = self.blob(&import).await? {
            self.store.remove_blob(&job.cx(), &blob).await?;
        }
        Ok(JobDone::empty())
    }
}
