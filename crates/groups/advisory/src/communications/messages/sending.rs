use super::models::MessageRecord;
use crate::error::Error;
use events::jobs::{JobId, NewJob};
use kernel::CallContext;
use serde::{Deserialize, Serialize};
use store::{Batch, Store, Stored};
use uuid::Uuid;

/// The kind of the job that sends a message.
pub(super) const KIND: &str = "advisory.message";

/// What the job is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SendOrder {
    pub(super) message_id: Uuid,
}

/// Asks for a message to be sent once the batch is committed; there is one job to a message. It is the group's own job and
/// not that of who sends the message: it must not go away with their account.
pub(super) fn enqueue(
    store: &Store,
    cx: &CallContext,
    batch: &mut Batch,
    message: &Stored<MessageRecord>,
) -> Result<(), Error> {
    let order = SendOrder {
        message_id: message.id,
    };
    let mut system = CallContext::system(store.group(), cx.tenant(), store.sources().ids());
    system.request_id = cx.request_id;
    let id = JobId(Uuid::new_v5(&message.id, b"send"));
    NewJob::new(KIND, &order)?
        .with_id(id)
        .enqueue(store, &system, batch);
    Ok(())
}
