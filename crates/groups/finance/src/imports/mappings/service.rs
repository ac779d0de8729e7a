use super::{
    models::MappingRecord,
    requests::{MappingRequest, MappingResponse},
};
use crate::{error::Error, formats::ColumnMapping};
use kernel::{AuditRecord, CallContext, CallError, IdempotencyKey, Page, PageRequest, Scope, UserId};
use store::{Batch, Query, Sort, Store, StoreError, Stored};
use uuid::Uuid;

/// The rules of saved mappings: everybody has their own, and a file of an account may also be read with those of its
/// owner.
#[derive(Clone)]
pub(crate) struct Mappings {
    store: Store,
}

impl Mappings {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The caller's mappings by name.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<MappingResponse>, Error> {
        let query = Query::sorted(Sort::ascending("name")).page(page);
        let found = self.store.find::<MappingRecord>(&own(cx)?, query).await?;
        Ok(found.map(MappingResponse::from))
    }

    /// One of the caller's mappings.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<MappingResponse, Error> {
        self.current(cx, id).await.map(MappingResponse::from)
    }

    /// Saves a new one, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: MappingRequest,
    ) -> Result<MappingResponse, Error> {
        check(&request)?;
        let user_id = caller(cx)?;
        let saved = self
            .store
            .once(cx, "finance.create_import_mapping", key, &request, |mut batch| {
                let record = record(user_id, request.clone());
                async move {
                    let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
                    audit(cx, &mut batch, "import_mapping.created", stored.id);
                    Ok::<_, Error>((batch, MappingResponse::from(stored)))
                }
            })
            .await;
        saved.map_err(taken)
    }

    /// Replaces one.
    pub(crate) async fn replace(
        &self,
        cx: &CallContext,
        id: Uuid,
        if_match: Option<u64>,
        request: MappingRequest,
    ) -> Result<MappingResponse, Error> {
        check(&request)?;
        let current = self.expected(cx, id, if_match).await?;
        let mut batch = self.store.batch(cx);
        let stored = batch.replace(&current.with(record(current.user_id, request)));
        audit(cx, &mut batch, "import_mapping.changed", id);
        self.commit(batch).await?;
        Ok(stored.into())
    }

    /// Removes one. Files that were read with it stay as they are.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: Uuid,
        if_match: Option<u64>,
    ) -> Result<(), Error> {
        let current = self.expected(cx, id, if_match).await?;
        let mut batch = self.store.batch(cx);
        batch.delete(&current);
        audit(cx, &mut batch, "import_mapping.deleted", id);
        self.commit(batch).await
    }

    /// The mapping with which the caller reads a file for an account of `owner`: the caller's or the owner's.
    pub(crate) async fn to_read_with(
        &self,
        cx: &CallContext,
        owner: UserId,
        id: Uuid,
    ) -> Result<ColumnMapping, Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let found = self.store.get::<MappingRecord>(&scope, id).await?;
        let caller = cx.principal.user().map(|user| user.user);
        let found = found.filter(|found| found.user_id == owner || Some(found.user_id) == caller);
        found.map(|found| found.data.columns).ok_or_else(|| {
            Error::invalid(
                "mapping_id",
                "names no mapping of the caller or of the account's owner",
            )
        })
    }

    async fn current(&self, cx: &CallContext, id: Uuid) -> Result<Stored<MappingRecord>, Error> {
        let found = self.store.get::<MappingRecord>(&own(cx)?, id).await?;
        found.ok_or(Error::MappingNotFound)
    }

    async fn expected(
        &self,
        cx: &CallContext,
        id: Uuid,
        if_match: Option<u64>,
    ) -> Result<Stored<MappingRecord>, Error> {
        let current = self.current(cx, id).await?;
        match if_match.is_some_and(|expected| expected != current.version) {
            true => Err(Error::PreconditionFailed),
            false => Ok(current),
        }
    }

    async fn commit(&self, batch: Batch) -> Result<(), Error> {
        match self.store.commit(batch).await {
            Ok(_) => Ok(()),
            Err(StoreError::VersionConflict { .. }) => Err(Error::PreconditionFailed),
            Err(error) => Err(taken(error.into())),
        }
    }
}

fn caller(cx: &CallContext) -> Result<UserId, Error> {
    let user = cx.principal.user().map(|user| user.user);
    user.ok_or_else(|| CallError::forbidden("finance.write").into())
}

fn own(cx: &CallContext) -> Result<Scope, Error> {
    Ok(Scope::Own {
        tenant: cx.tenant(),
        user: caller(cx)?,
    })
}

fn record(user_id: UserId, request: MappingRequest) -> MappingRecord {
    MappingRecord {
        user_id,
        name: request.name.into_string(),
        columns: request.columns,
    }
}

fn check(request: &MappingRequest) -> Result<(), Error> {
    let checked = request.columns.check();
    checked.map_err(|(field, message)| Error::invalid(&format!("columns.{field}"), message))
}

/// A name that stands already is the caller's own to change.
fn taken(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Duplicate { .. }) => Error::MappingNameTaken,
        other => other,
    }
}

fn audit(cx: &CallContext, batch: &mut Batch, what: &str, id: Uuid) {
    batch.event(AuditRecord::new(what, format!("import_mapping/{id}")).into_event(cx));
}
