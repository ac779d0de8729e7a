use super::{
    address::{DatabaseAddress, DatabaseHosts},
    job::{FORGET, RUN},
    models::{Counts, RunRecord, SyncRecord},
    requests::{RunRequest, RunResponse, RunState, SyncChange, SyncRequest, SyncResponse},
};
use crate::{
    IntegrationsFailure,
    service::{caller_of, may_connect},
};
use auth_contract::{UserStatus, UsersClient};
use events::jobs::{self, JobId, JobState, NewJob};
use finance_contract::{ExchangeClient, FinanceError, MovementQuery};
use kernel::{
    AuditRecord, CallContext, CallError, Currency, IdempotencyKey, Page, PageRequest, Scope, UserId,
};
use serde::Serialize;
use serde_json::{Value, json};
use store::{Batch, Document, Query, Sort, Store, StoreError, Stored};
use uuid::Uuid;

/// The most accounts of one sync.
const MOST_ACCOUNTS: usize = 100;
/// The most syncs of one user.
const MOST_SYNCS: usize = 20;

/// The rules of database syncs. Everybody has their own.
pub(crate) struct DatabaseSyncs {
    store: Store,
    users: UsersClient,
    exchange: ExchangeClient,
    hosts: DatabaseHosts,
    currency: Currency,
}

impl DatabaseSyncs {
    pub(crate) fn new(
        store: Store,
        users: UsersClient,
        exchange: ExchangeClient,
        hosts: DatabaseHosts,
        currency: Currency,
    ) -> Self {
        Self {
            store,
            users,
            exchange,
            hosts,
            currency,
        }
    }

    /// The caller's syncs, oldest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<SyncResponse>, IntegrationsFailure> {
        let (_, _, own) = caller_of(cx)?;
        let query = Query::sorted(Sort::ascending("created_at")).page(page);
        let found = self.store.find::<SyncRecord>(&own, query).await?;
        let items: Result<_, _> = found.items.iter().map(shown).collect();
        Ok(Page {
            items: items?,
            next: found.next,
            total: found.total,
        })
    }

    /// One of the caller's syncs.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<SyncResponse, IntegrationsFailure> {
        shown(&self.current(cx, id).await?)
    }

    /// Makes a sync, once for the key. The database is not contacted before a run is.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: &SyncRequest,
    ) -> Result<SyncResponse, IntegrationsFailure> {
        let (user, role, own) = caller_of(cx)?;
        may_connect(role)?;
        self.require_active(cx, user).await?;
        self.require_allowed(&request.connection)?;
        self.require_accounts(cx, user, request).await?;
        let fingerprint = self.fingerprint(request)?;
        self.store
            .once(
                cx,
                "integrations.create_database_sync",
                key,
                &fingerprint,
                |mut batch| {
                    let record = self.record(user, request);
                    async move {
                        let all = self.store.find_all::<SyncRecord>(&own, Query::all()).await?;
                        if all.len() >= MOST_SYNCS {
                            return Err(IntegrationsFailure::TooManySyncs { most: MOST_SYNCS });
                        }
                        let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
                        audit(cx, &mut batch, "database_sync.created", stored.id);
                        Ok((batch, shown(&stored)?))
                    }
                },
            )
            .await
    }

    /// Changes a sync; a run under way goes on as it was begun.
    pub(crate) async fn change(
        &self,
        cx: &CallContext,
        id: Uuid,
        if_match: Option<u64>,
        change: SyncChange,
    ) -> Result<SyncResponse, IntegrationsFailure> {
        if let Some(connection) = &change.connection {
            self.require_allowed(connection)?;
        }
        let current = self.expected(cx, id, if_match).await?;
        let mut batch = self.store.batch(cx);
        let stored = batch.replace(&current.changed(|sync| {
            if let Some(name) = change.name {
                sync.name = Some(name.into_string());
            }
            if let Some(connection) = change.connection {
                sync.connection = connection.expose().to_owned();
            }
            sync.direction = change.direction.unwrap_or(sync.direction);
            sync.on_conflict = change.on_conflict.unwrap_or(sync.on_conflict);
        }));
        audit(cx, &mut batch, "database_sync.changed", id);
        self.commit(batch).await?;
        shown(&stored)
    }

    /// Deletes a sync, its credentials and what it remembers. Transactions and rows stay.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: Uuid,
        if_match: Option<u64>,
    ) -> Result<(), IntegrationsFailure> {
        let current = self.expected(cx, id, if_match).await?;
        if self.open_run(&current).await?.is_some() {
            return Err(IntegrationsFailure::SyncRunning);
        }
        let mut batch = self.store.batch(cx);
        batch.remove(&current);
        NewJob::new(FORGET, &id)?.enqueue(&self.store, cx, &mut batch);
        audit(cx, &mut batch, "database_sync.deleted", id);
        self.commit(batch).await
    }

    /// Begins a run, once for the key; a sync has one at a time.
    pub(crate) async fn run(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        request: &RunRequest,
    ) -> Result<RunResponse, IntegrationsFailure> {
        let (user, role, _) = caller_of(cx)?;
        may_connect(role)?;
        self.require_active(cx, user).await?;
        self.store
            .once(
                cx,
                "integrations.run_database_sync",
                key,
                &(id, request),
                |mut batch| async move {
                    let sync = self.current(cx, id).await?;
                    if self.open_run(&sync).await?.is_some() {
                        return Err(IntegrationsFailure::SyncRunning);
                    }
                    let run_id = self.store.sources().ids().next::<Uuid>();
                    let run = RunRecord {
                        user_id: sync.user_id,
                        sync_id: id,
                        direction: request.direction.unwrap_or(sync.direction),
                        on_conflict: request.on_conflict.unwrap_or(sync.on_conflict),
                        state: RunState::Waiting,
                        counts: Counts::default(),
                        problems: Vec::new(),
                        conflicts: Vec::new(),
                        failure: None,
                        began_at: None,
                        ended_at: None,
                    };
                    let stored = batch.insert(run_id, run);
                    // Whoever begins another one at the same moment loses the race for the sync.
                    batch.replace(&sync.changed(|sync| sync.last_run = Some(run_id)));
                    NewJob::new(RUN, &json!({}))?
                        .with_id(JobId(run_id))
                        .enqueue(&self.store, cx, &mut batch);
                    audit(cx, &mut batch, "database_sync.run", id);
                    Ok((batch, RunResponse::from(stored)))
                },
            )
            .await
    }

    /// The runs of a sync, latest first.
    pub(crate) async fn runs(
        &self,
        cx: &CallContext,
        id: Uuid,
        page: PageRequest,
    ) -> Result<Page<RunResponse>, IntegrationsFailure> {
        let (_, _, own) = caller_of(cx)?;
        self.current(cx, id).await?;
        let query = Query::sorted(Sort::descending("created_at"))
            .equals("sync_id", id)
            .page(page);
        let found = self.store.find::<RunRecord>(&own, query).await?;
        let mut items = Vec::with_capacity(found.items.len());
        for run in found.items {
            items.push(self.told(run).await?);
        }
        Ok(Page {
            items,
            next: found.next,
            total: found.total,
        })
    }

    /// One run of a sync.
    pub(crate) async fn one_run(
        &self,
        cx: &CallContext,
        id: Uuid,
        run: Uuid,
    ) -> Result<RunResponse, IntegrationsFailure> {
        let (_, _, own) = caller_of(cx)?;
        let found = self.store.get::<RunRecord>(&own, run).await?;
        let found = found.filter(|found| found.sync_id == id);
        self.told(found.ok_or(IntegrationsFailure::RunNotFound)?).await
    }

    /// A run, also when its job could not even say that it was given up.
    async fn told(&self, run: Stored<RunRecord>) -> Result<RunResponse, IntegrationsFailure> {
        let given_up = self.is_given_up(&run).await?;
        let mut told = RunResponse::from(run);
        if given_up {
            told.state = RunState::Failed;
            told.failure = Some("it was interrupted too often: run it again".to_owned());
        }
        Ok(told)
    }

    async fn is_given_up(&self, run: &Stored<RunRecord>) -> Result<bool, IntegrationsFailure> {
        if !run.state.is_open() {
            return Ok(false);
        }
        let scope = Scope::Tenant {
            tenant: run.tenant_id,
        };
        let job = jobs::status(&self.store, &scope, JobId(run.id)).await?;
        Ok(job.is_none_or(|job| job.state == JobState::Failed))
    }

    async fn open_run(&self, sync: &Stored<SyncRecord>) -> Result<Option<Uuid>, IntegrationsFailure> {
        let Some(id) = sync.last_run else { return Ok(None) };
        let run = self.store.get_anywhere::<RunRecord>(id).await?;
        match run {
            Some(run) if run.state.is_open() && !self.is_given_up(&run).await? => Ok(Some(id)),
            _ => Ok(None),
        }
    }

    async fn current(&self, cx: &CallContext, id: Uuid) -> Result<Stored<SyncRecord>, IntegrationsFailure> {
        let (_, _, own) = caller_of(cx)?;
        let found = self.store.get::<SyncRecord>(&own, id).await?;
        found.ok_or(IntegrationsFailure::SyncNotFound)
    }

    async fn expected(
        &self,
        cx: &CallContext,
        id: Uuid,
        if_match: Option<u64>,
    ) -> Result<Stored<SyncRecord>, IntegrationsFailure> {
        let current = self.current(cx, id).await?;
        match if_match.is_some_and(|expected| expected != current.version) {
            true => Err(IntegrationsFailure::PreconditionFailed),
            false => Ok(current),
        }
    }

    async fn commit(&self, batch: Batch) -> Result<(), IntegrationsFailure> {
        match self.store.commit(batch).await {
            Ok(_) => Ok(()),
            Err(StoreError::VersionConflict { .. }) => Err(IntegrationsFailure::PreconditionFailed),
            Err(error) => Err(error.into()),
        }
    }

    fn require_allowed(&self, address: &DatabaseAddress) -> Result<(), IntegrationsFailure> {
        match self.hosts.allow(address) {
            true => Ok(()),
            false => Err(IntegrationsFailure::HostNotAllowed),
        }
    }

    async fn require_active(&self, cx: &CallContext, user: UserId) -> Result<(), IntegrationsFailure> {
        let known = self.users.user(cx, user).await?;
        match known.status {
            UserStatus::Active => Ok(()),
            UserStatus::Invited | UserStatus::Suspended => Err(IntegrationsFailure::NotActive),
        }
    }

    /// Refuses accounts that are not the caller's.
    async fn require_accounts(
        &self,
        cx: &CallContext,
        user: UserId,
        request: &SyncRequest,
    ) -> Result<(), IntegrationsFailure> {
        let named = request.accounts.as_deref().unwrap_or_default();
        if named.len() > MOST_ACCOUNTS {
            return Err(invalid("accounts", format!("may be at most {MOST_ACCOUNTS}")));
        }
        let fields = (0..).map(|at| format!("accounts[{at}].account_id"));
        let named = named.iter().map(|account| account.account_id).zip(fields);
        let main = request.account_id.map(|id| (id, "account_id".to_owned()));
        for (account, field) in named.chain(main) {
            let query = MovementQuery {
                user_id: user,
                account_id: Some(account),
                after: None,
            };
            match self.exchange.movements(cx, query).await {
                Ok(_) => {}
                Err(FinanceError::AccountNotFound | FinanceError::UserNotFound) => {
                    return Err(invalid(&field, "names none of your accounts".to_owned()));
                }
                Err(FinanceError::Call { call }) => return Err(call.into()),
                Err(error) => return Err(IntegrationsFailure::internal(error)),
            }
        }
        Ok(())
    }

    fn record(&self, user_id: UserId, request: &SyncRequest) -> SyncRecord {
        SyncRecord {
            user_id,
            name: request.name.clone().map(kernel::Text::into_string),
            database: request.r#type,
            connection: request.connection.expose().to_owned(),
            direction: request.direction.unwrap_or_default(),
            table: request.table.clone().unwrap_or_default(),
            columns: request.columns.clone().unwrap_or_default(),
            currency: request.currency.unwrap_or(self.currency),
            account_id: request.account_id,
            accounts: request.accounts.clone().unwrap_or_default(),
            on_conflict: request.on_conflict.unwrap_or_default(),
            last_run: None,
        }
    }

    /// What a key of idempotency stands for; the credentials only as a keyed hash.
    fn fingerprint(&self, request: &SyncRequest) -> Result<Value, IntegrationsFailure> {
        let mut record = self.record(UserId(Uuid::nil()), request);
        // In hexadecimal, since a look-up folds upper and lower case.
        let plain: String = record
            .connection
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let keyring = self.store.keyring();
        record.connection = keyring.lookup(SyncRecord::collection(), "connection", &plain);
        serde_json::to_value(record).map_err(IntegrationsFailure::internal)
    }
}

fn shown(stored: &Stored<SyncRecord>) -> Result<SyncResponse, IntegrationsFailure> {
    let address = DatabaseAddress::parse(&stored.connection).map_err(IntegrationsFailure::internal)?;
    Ok(SyncResponse::of(stored, &address))
}

fn invalid(field: &str, message: String) -> IntegrationsFailure {
    CallError::invalid(field, message).into()
}

fn audit(cx: &CallContext, batch: &mut Batch, what: &str, id: impl Serialize + std::fmt::Display) {
    batch.event(AuditRecord::new(what, format!("database_sync/{id}")).into_event(cx));
}
