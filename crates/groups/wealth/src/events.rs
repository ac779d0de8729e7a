//! What the group hears: who came into whose book, and who left it.

use crate::{access::Owner, stamps::stamp_all};
use advisory_contract::{CLIENT_CREATED, CLIENT_DELETED, CLIENT_REASSIGNED, ClientChanged};
use events::{Failure, Projection};
use kernel::{CallContext, CallError, EventEnvelope};
use store::{Batch, Store};

/// Stamps a user's portfolios, and what is below them, anew when the advisory relationship changes.
pub(crate) struct BookProjection {
    store: Store,
}

impl BookProjection {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }
}

#[rpc::async_trait]
impl Projection for BookProjection {
    fn name(&self) -> &'static str {
        "wealth.book"
    }

    fn wants(&self, event_type: &str) -> bool {
        matches!(event_type, CLIENT_CREATED | CLIENT_REASSIGNED | CLIENT_DELETED)
    }

    /// Stamps page by page in commits of its own: a user may have more than one commit should hold. It is the same however
    /// often it is done, so the batch that moves the cursor holds nothing.
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
        stamp_all(&self.store, cx, owner)
            .await
            .map_err(Failure::from_fault)?;
        Ok(self.store.batch(cx))
    }
}
