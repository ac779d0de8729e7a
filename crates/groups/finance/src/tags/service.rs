use super::{
    models::TagsRecord,
    requests::{TaggedFilter, TagsRequest, TagsResponse},
};
use crate::{access::Access, error::Error, transactions::TransactionRecord};
use kernel::{AuditRecord, CallContext, Page, PageRequest, Scope, TenantId};
use store::{Query, Sort, Store, Stored};
use uuid::Uuid;

/// How many tags a transaction may have.
const MOST: usize = 20;

/// How often a change is decided anew because another was faster.
const ATTEMPTS: usize = 8;

/// The rules of tags.
#[derive(Clone)]
pub(crate) struct Tags {
    store: Store,
    access: Access,
}

impl Tags {
    pub(crate) fn new(store: Store, access: Access) -> Self {
        Self { store, access }
    }

    /// The tags of a transaction that the caller may see.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<TagsResponse, Error> {
        let transaction = self.transaction(cx, id).await?;
        let tags = self.of(transaction.tenant_id, id).await?;
        Ok(TagsResponse {
            transaction_id: id,
            tags,
        })
    }

    /// The tags of a transaction. The caller of this was already allowed to see it.
    pub(crate) async fn of(&self, tenant: TenantId, id: Uuid) -> Result<Vec<String>, Error> {
        let found = self
            .store
            .get::<TagsRecord>(&Scope::Tenant { tenant }, id)
            .await?;
        Ok(found.map(|found| found.data.tags).unwrap_or_default())
    }

    /// Gives a transaction exactly these tags.
    pub(crate) async fn put(
        &self,
        cx: &CallContext,
        id: Uuid,
        request: TagsRequest,
    ) -> Result<TagsResponse, Error> {
        let tags = folded(&request)?;
        let transaction = self.transaction(cx, id).await?;
        Access::writing(cx, transaction.user_id)?;
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let scope = Scope::Tenant { tenant: cx.tenant() };
            let known = self.store.get::<TagsRecord>(&scope, id).await?;
            let record = TagsRecord {
                user_id: transaction.user_id,
                transaction_id: id,
                tags: tags.clone(),
            };
            let mut batch = self.store.batch(cx);
            match &known {
                Some(known) if known.tags == tags => break,
                Some(known) => batch.replace(&known.with(record)),
                None => batch.insert(id, record),
            };
            let audit = AuditRecord::new("transaction.tagged", format!("transaction/{id}"));
            batch.event(audit.naming(["tags"]).into_event(cx));
            match self.store.commit(batch).await {
                Ok(_) => {
                    last = None;
                    break;
                }
                Err(error) if error.is_lost_race() => last = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        match last {
            Some(error) => Err(error.into()),
            None => Ok(TagsResponse {
                transaction_id: id,
                tags,
            }),
        }
    }

    /// The tagged transactions of a user whom the caller may see.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &TaggedFilter,
        page: PageRequest,
    ) -> Result<Page<TagsResponse>, Error> {
        let user = Access::subject(cx, filter.user_id)?;
        let scope = self.access.reading(cx, user).await?;
        let mut query = Query::sorted(Sort::ascending("id")).page(page);
        if let Some(tag) = &filter.tag {
            query = query.equals("tags", kernel::fold(tag).as_str());
        }
        let found = self.store.find::<TagsRecord>(&scope, query).await?;
        Ok(found.map(|stored| TagsResponse {
            transaction_id: stored.id,
            tags: stored.data.tags,
        }))
    }

    async fn transaction(&self, cx: &CallContext, id: Uuid) -> Result<Stored<TransactionRecord>, Error> {
        let found = self.access.visible::<TransactionRecord>(cx, id).await?;
        found.ok_or(Error::TransactionNotFound)
    }
}

fn folded(request: &TagsRequest) -> Result<Vec<String>, Error> {
    if request.tags.len() > MOST {
        return Err(Error::invalid("tags", format!("may be at most {MOST}")));
    }
    let mut tags = Vec::with_capacity(request.tags.len());
    for (index, tag) in request.tags.iter().enumerate() {
        let tag = kernel::fold(tag);
        if tag.is_empty() || tag.contains(',') {
            let message = "must contain letters or digits, and no comma";
            return Err(Error::invalid(&format!("tags[{index}]"), message));
        }
        tags.push(tag);
    }
    tags.sort_unstable();
    tags.dedup();
    Ok(tags)
}
