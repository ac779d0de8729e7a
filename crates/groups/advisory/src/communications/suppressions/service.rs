use super::{
    models::SuppressionRecord,
    requests::{SuppressRequest, SuppressionFilter, SuppressionResponse},
    store::entry,
};
use crate::{
    access::{may_read_papers, may_write, visible},
    communications::messages::cancel_waiting,
    error::Error,
    versions::commit,
};
use advisory_contract::{ADDRESS_RELEASED, ADDRESS_SUPPRESSED};
use kernel::{AuditRecord, CallContext, IdempotencyKey, NewEvent, Page, PageRequest, Scope};
use serde_json::json;
use store::{Batch, Query, Store, Stored};
use uuid::Uuid;

/// The rules of the list of addresses that are not written to.
pub(crate) struct SuppressionsService {
    store: Store,
}

impl SuppressionsService {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// What the caller said; all of the firm for those who oversee it.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &SuppressionFilter,
        page: PageRequest,
    ) -> Result<Page<SuppressionResponse>, Error> {
        may_read_papers(cx, "communications.read")?;
        let scope = cx.scope()?;
        let Some(email) = &filter.email else {
            let found = self
                .store
                .find::<SuppressionRecord>(&scope, Query::all().page(page))
                .await?;
            return Ok(found.map(SuppressionResponse::from));
        };
        let found = entry(&self.store, &scope, email).await?;
        Ok(Page {
            items: found.into_iter().map(SuppressionResponse::from).collect(),
            next: None,
            total: None,
        })
    }

    /// Puts an address on the list, once for each key; saying it again answers what was said before. What waits to be sent
    /// there is cancelled: the address counts from the first commit on, so whatever is sent meanwhile is refused by it.
    pub(crate) async fn suppress(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: SuppressRequest,
    ) -> Result<SuppressionResponse, Error> {
        let user = may_write(cx, "communications.write")?.user;
        let own = Scope::Own {
            tenant: cx.tenant(),
            user,
        };
        let (said, request) = (&request, &request);
        let answer = self
            .store
            .once(
                cx,
                "advisory.suppress_address",
                key,
                said,
                |mut batch| async move {
                    if let Some(known) = entry(&self.store, &own, &request.email).await? {
                        return Ok::<_, Error>((batch, SuppressionResponse::from(known)));
                    }
                    let record = SuppressionRecord {
                        user_id: user,
                        email: request.email.to_string(),
                        reason: request.reason.to_string(),
                    };
                    let id: Uuid = self.store.sources().ids().next();
                    let stored = batch.insert(id, record);
                    announce(cx, &mut batch, ADDRESS_SUPPRESSED, &stored);
                    Ok((batch, SuppressionResponse::from(stored)))
                },
            )
            .await?;
        cancel_waiting(&self.store, cx, &request.email).await?;
        Ok(answer)
    }

    /// Takes back what was said. An address stays on the list as long as somebody else has put it there.
    pub(crate) async fn release(&self, cx: &CallContext, id: Uuid) -> Result<(), Error> {
        may_write(cx, "communications.write")?;
        let current = visible::<SuppressionRecord>(&self.store, cx, id, "suppressed address").await?;
        let mut batch = self.store.batch(cx);
        let stored = batch.delete(&current);
        announce(cx, &mut batch, ADDRESS_RELEASED, &stored);
        commit(&self.store, batch, None).await
    }
}

fn announce(cx: &CallContext, batch: &mut Batch, event: &str, stored: &Stored<SuppressionRecord>) {
    let subject = format!("suppression/{}", stored.id);
    let data = json!({ "suppression_id": stored.id, "user_id": stored.user_id });
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(event, subject).naming(["email"]);
    batch.event(audit.into_event(cx).at_version(stored.version));
}
