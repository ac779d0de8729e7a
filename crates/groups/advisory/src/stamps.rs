//! In whose book a client's documents stand: they follow the client from one advisor to another, and out of the book.

use crate::{
    communications::messages::MessageRecord,
    compliance::{checks::CheckRecord, kyc::KycAlert},
    goals::GoalRecord,
    meetings::{appointments::MeetingRecord, tasks::TaskRecord},
};
use advisory_contract::{CLIENT_DELETED, CLIENT_REASSIGNED, ClientChanged};
use events::{Failure, Projection};
use kernel::{AdvisorId, CallContext, EventEnvelope, Scope, UserId};
use store::{Batch, Document, Store};

/// A document that carries in whose book it stands.
pub(crate) trait Stamped: Document {
    /// Where it may carry it.
    fn advisor(&mut self) -> &mut Option<AdvisorId>;
}

/// Documents of these types carry the advisor in `advisor_id`.
macro_rules! stamped {
    ($($record:ty),* $(,)?) => {
        $(impl Stamped for $record {
            fn advisor(&mut self) -> &mut Option<AdvisorId> {
                &mut self.advisor_id
            }
        })*

        async fn stamp_all(store: &Store, cx: &CallContext, user: UserId, to: Option<AdvisorId>) -> Result<(), Failure> {
            $(stamp_documents::<$record>(store, cx, user, to).await?;)*
            Ok(())
        }
    };
}

stamped!(
    CheckRecord,
    GoalRecord,
    KycAlert,
    MeetingRecord,
    MessageRecord,
    TaskRecord
);

/// Stamps a client's documents anew when the client moves; hears the group itself.
pub(crate) struct StampsProjection {
    store: Store,
}

impl StampsProjection {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }
}

#[rpc::async_trait]
impl Projection for StampsProjection {
    fn name(&self) -> &'static str {
        "advisory.stamps"
    }

    fn wants(&self, event_type: &str) -> bool {
        matches!(event_type, CLIENT_REASSIGNED | CLIENT_DELETED)
    }

    /// Page by page, in commits of its own: a client may have more documents than one commit should hold. It is the same
    /// however often it is done, and what is made meanwhile requires the client as it is then.
    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        let change: ClientChanged = event.data_as()?;
        let to = (event.event_type != CLIENT_DELETED).then_some(change.advisor_id);
        stamp_all(&self.store, cx, change.user_id, to).await?;
        Ok(self.store.batch(cx))
    }
}

async fn stamp_documents<T: Stamped>(
    store: &Store,
    cx: &CallContext,
    user: UserId,
    to: Option<AdvisorId>,
) -> Result<(), Failure> {
    let scope = Scope::Own {
        tenant: cx.tenant(),
        user,
    };
    let wanted = |document: &T| {
        let mut stamped = document.clone();
        let is_wrong = *stamped.advisor() != to;
        *stamped.advisor() = to;
        is_wrong.then_some(stamped)
    };
    Ok(store.change_all(cx, &scope, wanted).await?)
}
