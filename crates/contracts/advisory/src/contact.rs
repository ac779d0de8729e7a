use kernel::{AdvisorId, ClientId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A message to a client was drafted.
pub const MESSAGE_DRAFTED: &str = "message.drafted";
/// A draft was changed.
pub const MESSAGE_CHANGED: &str = "message.changed";
/// A message may be sent.
pub const MESSAGE_APPROVED: &str = "message.approved";
/// A message is being sent: from here on it may arrive.
pub const MESSAGE_SENDING: &str = "message.sending";
/// The mail server took a message.
pub const MESSAGE_SENT: &str = "message.sent";
/// A message was not sent, or nobody knows whether it was.
pub const MESSAGE_FAILED: &str = "message.failed";
/// A message is not to be sent.
pub const MESSAGE_CANCELLED: &str = "message.cancelled";
/// An address is not written to any more.
pub const ADDRESS_SUPPRESSED: &str = "message.address_suppressed";
/// An address may be written to again, as far as who had suppressed it is concerned.
pub const ADDRESS_RELEASED: &str = "message.address_released";

/// A meeting was put into the calendar.
pub const MEETING_SCHEDULED: &str = "meeting.scheduled";
/// A meeting was changed.
pub const MEETING_CHANGED: &str = "meeting.changed";
/// A meeting does not take place.
pub const MEETING_CANCELLED: &str = "meeting.cancelled";
/// A meeting took place.
pub const MEETING_COMPLETED: &str = "meeting.completed";
/// A meeting was taken out of the calendar.
pub const MEETING_DELETED: &str = "meeting.deleted";

/// Something is to be done.
pub const TASK_CREATED: &str = "task.created";
/// What is to be done changed.
pub const TASK_CHANGED: &str = "task.changed";
/// It is done.
pub const TASK_DONE: &str = "task.done";
/// It need not be done any more.
pub const TASK_DELETED: &str = "task.deleted";

/// What `message.*` events about a message carry: no address and no text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageChanged {
    /// Which message.
    pub message_id: Uuid,
    /// To whom.
    pub client_id: ClientId,
    /// Who the client is as a user.
    pub user_id: UserId,
    /// In whose book the client is.
    pub advisor_id: Option<AdvisorId>,
    /// Why it failed or was cancelled, as a code.
    pub reason: Option<String>,
}

/// What `meeting.*` events carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeetingChanged {
    /// Which meeting.
    pub meeting_id: Uuid,
    /// With whom.
    pub client_id: ClientId,
    /// Who the client is as a user.
    pub user_id: UserId,
    /// In whose book the client is.
    pub advisor_id: Option<AdvisorId>,
}

/// What `task.*` events carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskChanged {
    /// Which task.
    pub task_id: Uuid,
    /// For whom, if it is for a client.
    pub client_id: Option<ClientId>,
    /// Who the client is as a user; without a client, who made the task.
    pub user_id: UserId,
    /// Whose task it is.
    pub advisor_id: Option<AdvisorId>,
    /// For which meeting, if it is for one.
    pub meeting_id: Option<Uuid>,
}
