//! What the group hears: who came into whose book, and who left it.

use crate::{
    access::Owner,
    book_links::{BookLink, link_id},
    stamps::stamp_all,
};
use advisory_contract::{CLIENT_CREATED, CLIENT_DELETED, CLIENT_REASSIGNED, ClientChanged};
use events::{Failure, Projection};
use kernel::{CallContext, CallError, EventEnvelope, MAX_PAGE, Scope};
use store::{Batch, Query, Store};

/// Stamps a user's accounts and transactions anew when the advisory relationship changes.
pub(crate) struct BookProjection {
    store: Store,
}

impl BookProjection {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    async fn remember(&self, cx: &CallContext, owner: Owner) -> Result<(), Failure> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let id = link_id(owner.user_id);
        let mut batch = self.store.batch(cx);
        match self.store.get::<BookLink>(&scope, id).await? {
            Some(known) => batch.replace(&known.with(BookLink::new(owner))),
            None => batch.insert(id, BookLink::new(owner)),
        };
        self.store.commit(batch).await?;
        Ok(())
    }
}

#[rpc::async_trait]
impl Projection for BookProjection {
    fn name(&self) -> &'static str {
        "finance.book"
    }

    fn wants(&self, event_type: &str) -> bool {
        matches!(event_type, CLIENT_CREATED | CLIENT_REASSIGNED | CLIENT_DELETED)
    }

    /// Remembers the relationship first, so that what is made from now on is stamped right; then commits page by page
    /// what was there before: a user may have more documents than one commit should hold. Both are the same however
    /// often they are done, so the batch that moves the cursor holds nothing else.
    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        let change: ClientChanged = event
            .data_as()
            .map_err(|cause| Failure::from_fault(CallError::internal(cause)))?;
        let active = event.event_type != CLIENT_DELETED;
        let owner = Owner {
            user_id: change.user_id,
            client_id: active.then_some(change.client_id),
            advisor_id: active.then_some(change.advisor_id),
        };
        self.remember(cx, owner).await?;
        stamp_all(&self.store, cx, owner)
            .await
            .map_err(Failure::from_fault)?;
        Ok(self.store.batch(cx))
    }

    /// Takes all stamps and all that was heard away, page by page: whoever is not yet heard of again is asked for, so
    /// nothing that was lost with a feed opens anybody's accounts.
    async fn reset(&self, cx: &CallContext) -> Result<Option<Batch>, Failure> {
        loop {
            let page = self
                .store
                .find_everywhere::<BookLink>(Query::all().limit(MAX_PAGE))
                .await?;
            if page.items.is_empty() {
                return Ok(Some(self.store.batch(cx)));
            }
            for link in &page.items {
                let cx = CallContext::system(self.store.group(), link.tenant_id, self.store.sources().ids());
                stamp_all(&self.store, &cx, Owner::of_nobodys_client(link.owner().user_id))
                    .await
                    .map_err(Failure::from_fault)?;
                let mut batch = self.store.batch(&cx);
                batch.remove(link);
                self.store.commit(batch).await?;
            }
        }
    }
}
