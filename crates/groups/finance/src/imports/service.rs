use super::{
    apply::{Applier, Importing},
    job,
    mappings::Mappings,
    receive::{Received, receive},
    records::ImportRecord,
    requests::{ImportParameters, ImportResponse, ImportState},
    source::Source,
};
use crate::{
    access::Access,
    accounts::{AccountRecord, AccountsService},
    error::Error,
    formats::{DateFormat, Encoding, Format, Reading},
};
use bytes::Bytes;
use events::jobs::{self, JobId, JobState, NewJob};
use futures::Stream;
use kernel::{CallContext, Page, PageRequest, Scope};
use store::{Query, Sort, Store, Stored};
use uuid::Uuid;

/// Imports statements.
pub(crate) struct ImportService {
    store: Store,
    accounts: AccountsService,
    mappings: Mappings,
    applier: Applier,
    access: Access,
}

/// An import that the caller may begin.
pub(crate) struct Begun {
    account: Stored<AccountRecord>,
    reading: Reading,
    dry_run: bool,
    background: bool,
}

impl ImportService {
    pub(crate) fn new(
        store: Store,
        accounts: AccountsService,
        mappings: Mappings,
        applier: Applier,
        access: Access,
    ) -> Self {
        Self {
            store,
            accounts,
            mappings,
            applier,
            access,
        }
    }

    /// Whether the caller may post to the account, and how the file is to be read. Before the file itself is.
    pub(crate) async fn begin(
        &self,
        cx: &CallContext,
        parameters: &ImportParameters,
        format: Format,
        charset: Option<Encoding>,
    ) -> Result<Begun, Error> {
        let account = self.accounts.to_post_to(cx, parameters.account_id).await?;
        let mapping = match parameters.mapping_id {
            Some(id) if format == Format::Ofx => {
                let message = format!("is {id}, and an OFX file has no columns: leave it out");
                return Err(Error::invalid("mapping_id", message));
            }
            Some(id) => Some(self.mappings.to_read_with(cx, account.user_id, id).await?),
            None => None,
        };
        let reading = Reading {
            format,
            encoding: parameters.encoding.or(charset),
            date_format: parameters.date_format,
            mapping,
            currency: account.currency,
        };
        let iso = reading.date_format.is_none_or(|format| format == DateFormat::Iso);
        if format == Format::Csv && reading.mapping.is_none() && !iso {
            let message = "needs a mapping where the file is CSV: without one dates are ISO dates";
            return Err(Error::invalid("date_format", message));
        }
        Ok(Begun {
            account,
            reading,
            dry_run: parameters.dry_run.unwrap_or(false),
            background: parameters.background.unwrap_or(false),
        })
    }

    /// Checks every row, then posts those that are new: a small file at once, a large one in the background.
    pub(crate) async fn import<E: From<Error>>(
        &self,
        cx: &CallContext,
        begun: Begun,
        pieces: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<ImportResponse, E> {
        let received = receive(&self.store, cx, &begun.reading, begun.background, pieces).await?;
        if !begun.dry_run && !received.checked.errors.is_empty() {
            if let Source::Spooled(blob) = &received.source {
                self.store.remove_blob(cx, blob).await.map_err(Error::from)?;
            }
            return Err(received.checked.refused().into());
        }
        let (source, mut importing) = self.importing(cx, begun, received);
        match source {
            Source::Memory(_) => {
                let context = || cx.clone();
                self.applier
                    .apply(&mut importing, &source, context, || false)
                    .await?;
            }
            Source::Spooled(_) => self.enqueue(cx, &mut importing).await?,
        }
        let Importing {
            id,
            record,
            stored,
            preview,
            ..
        } = importing;
        Ok(record.answer(id, stored.as_ref(), preview)?)
    }

    fn importing(&self, cx: &CallContext, begun: Begun, received: Received) -> (Source, Importing) {
        let blob = match &received.source {
            Source::Memory(_) => None,
            Source::Spooled(blob) => Some(blob.clone()),
        };
        let record = ImportRecord {
            user_id: begun.account.user_id,
            account_id: begun.account.id,
            requested_by: cx.principal.reference(),
            correlation: cx.request_id,
            state: ImportState::Waiting,
            dry_run: begun.dry_run,
            reading: begun.reading,
            blob: blob.as_ref().map(|blob| blob.id),
            bytes: received.bytes,
            sha256: blob.map(|blob| blob.sha256),
            checked: received.checked,
            rows_read: 0,
            imported: 0,
            duplicates: 0,
            skipped: 0,
            failure: None,
        };
        let importing = Importing {
            id: self.store.sources().ids().next(),
            account: begun.account,
            record,
            stored: None,
            preview: Vec::new(),
            first_new: None,
        };
        (received.source, importing)
    }

    async fn enqueue(&self, cx: &CallContext, importing: &mut Importing) -> Result<(), Error> {
        let mut batch = self.store.batch(cx);
        let stored = batch.insert(importing.id, importing.record.clone());
        NewJob::new(job::KIND, &importing.id)?
            .with_id(JobId(importing.id))
            .enqueue(&self.store, cx, &mut batch);
        self.store.commit(batch).await?;
        importing.stored = Some(stored);
        Ok(())
    }

    /// One import on an account that the caller may see.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<ImportResponse, Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let import = self.store.get::<ImportRecord>(&scope, id).await?;
        let import = import.ok_or(Error::ImportNotFound)?;
        let account = self
            .access
            .visible::<AccountRecord>(cx, import.account_id)
            .await?;
        account.ok_or(Error::ImportNotFound)?;
        self.answer(import).await
    }

    /// The imports of an account, latest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        account: Uuid,
        page: PageRequest,
    ) -> Result<Page<ImportResponse>, Error> {
        let account = self.access.visible::<AccountRecord>(cx, account).await?;
        let account = account.ok_or(Error::AccountNotFound)?;
        let query = Query::sorted(Sort::descending("created_at"))
            .equals("account_id", account.id)
            .page(page);
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let found = self.store.find::<ImportRecord>(&scope, query).await?;
        let mut items = Vec::with_capacity(found.items.len());
        for import in found.items {
            items.push(self.answer(import).await?);
        }
        Ok(Page {
            items,
            next: found.next,
            total: found.total,
        })
    }

    /// What the record says, and the job where that was given up without saying so.
    async fn answer(&self, import: Stored<ImportRecord>) -> Result<ImportResponse, Error> {
        let mut answer = import.data.answer(import.id, Some(&import), Vec::new())?;
        if matches!(answer.state, ImportState::Waiting | ImportState::Running) {
            let scope = Scope::Tenant {
                tenant: import.tenant_id,
            };
            let job = jobs::status(&self.store, &scope, JobId(import.id)).await?;
            if let Some(job) = job.filter(|job| job.state == JobState::Failed) {
                answer.state = ImportState::Failed;
                answer.failure = job.error;
            }
        }
        Ok(answer)
    }
}
