use super::models::{MessageRecord, MessageStatus};
use crate::error::Error;
use advisory_contract::{
    MESSAGE_APPROVED, MESSAGE_CANCELLED, MESSAGE_DRAFTED, MESSAGE_FAILED, MESSAGE_SENDING, MESSAGE_SENT,
    MessageChanged,
};
use kernel::{AuditRecord, CallContext, NewEvent};
use store::{Batch, Stored};

/// Refuses a step that a message cannot take from where it stands.
pub(super) fn may_become(message: &MessageRecord, next: MessageStatus) -> Result<(), Error> {
    if message.status.may_become(next) {
        return Ok(());
    }
    Err(Error::standing(
        "illegal_step",
        format!(
            "a message that is {} cannot become {}",
            message.status.as_str(),
            next.as_str()
        ),
    ))
}

/// Puts the message as `change` leaves it into the batch, with the event and the audit record of where it stands now.
pub(super) fn step(
    cx: &CallContext,
    batch: &mut Batch,
    message: &Stored<MessageRecord>,
    next: MessageStatus,
    change: impl FnOnce(&mut MessageRecord),
) -> Stored<MessageRecord> {
    let stored = batch.replace(&message.changed(|record| {
        record.status = next;
        change(record);
    }));
    announce(cx, batch, event_of(next), Some(message), &stored);
    stored
}

/// The event of a message that came to stand so.
pub(super) fn event_of(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Draft => MESSAGE_DRAFTED,
        MessageStatus::Approved => MESSAGE_APPROVED,
        MessageStatus::Sending => MESSAGE_SENDING,
        MessageStatus::Sent => MESSAGE_SENT,
        MessageStatus::Failed => MESSAGE_FAILED,
        MessageStatus::Cancelled => MESSAGE_CANCELLED,
    }
}

/// Adds the event and the audit record of a change to its batch.
pub(super) fn announce(
    cx: &CallContext,
    batch: &mut Batch,
    event: &str,
    before: Option<&MessageRecord>,
    stored: &Stored<MessageRecord>,
) {
    let subject = format!("message/{}", stored.id);
    let facts = MessageChanged {
        message_id: stored.id,
        client_id: stored.client_id,
        user_id: stored.user_id,
        advisor_id: stored.advisor_id,
        reason: stored.reason.clone(),
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(event, subject)
        .changing(
            "status",
            before.map(|message| message.status.as_str()),
            Some(stored.status.as_str()),
        )
        .changing("reason", None::<String>, stored.reason.clone());
    batch.event(audit.into_event(cx).at_version(stored.version));
}
