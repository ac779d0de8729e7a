use chrono::{DateTime, Utc};
use kernel::{AdvisorId, ClientId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MessageStatus {
    /// Can still be changed.
    Draft,
    /// May be sent.
    Approved,
    /// Is being sent, or waits until the mail server can be reached.
    Sending,
    /// The mail server took it.
    Sent,
    /// It was not sent, or nobody knows whether it was: the reason says which.
    Failed,
    /// It is not to be sent.
    Cancelled,
}

impl MessageStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            MessageStatus::Draft => "draft",
            MessageStatus::Approved => "approved",
            MessageStatus::Sending => "sending",
            MessageStatus::Sent => "sent",
            MessageStatus::Failed => "failed",
            MessageStatus::Cancelled => "cancelled",
        }
    }

    /// Whether a message may go from here to there.
    pub(crate) fn may_become(self, next: MessageStatus) -> bool {
        use MessageStatus::{Approved, Cancelled, Draft, Failed, Sending, Sent};
        matches!(
            (self, next),
            (Draft, Approved | Cancelled)
                | (Approved, Sending | Cancelled)
                | (Sending, Sent | Failed | Cancelled)
        )
    }
}

/// A message as it is stored. Address, subject and text are encrypted, and empty once the client was erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MessageRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) template_id: Option<Uuid>,
    pub(crate) status: MessageStatus,
    /// Where it was sent: the client's address at that moment.
    pub(crate) address: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) drafted_by: String,
    pub(crate) approved_by: Option<String>,
    pub(crate) approved_at: Option<DateTime<Utc>>,
    pub(crate) sent_at: Option<DateTime<Utc>>,
    /// Why it failed or was cancelled, as a code.
    pub(crate) reason: Option<String>,
    /// How often it was begun to be handed over.
    pub(crate) attempts: u32,
    /// Whether it is being handed over, or was when the process ended.
    pub(crate) in_hand: bool,
}

impl Document for MessageRecord {
    fn collection() -> &'static Collection {
        static MESSAGES: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("messages", Scoping::Client)
                .field("client_id", FieldKind::Uuid)
                .field("status", FieldKind::Text)
                .belongs_to("client_id")
                .serves(&["client_id"], &["created_at"])
                .serves(&["status"], &["created_at"])
                .serves(&["client_id", "status"], &["created_at"])
                .encrypted("address")
                .encrypted("subject")
                .encrypted("body")
                .personal(&["address", "subject", "body"])
        });
        &MESSAGES
    }
}

#[cfg(test)]
mod tests {
    use super::MessageStatus::{self, Approved, Cancelled, Draft, Failed, Sending, Sent};

    #[test]
    fn a_message_goes_forward_only_and_ends_once() {
        let all = [Draft, Approved, Sending, Sent, Failed, Cancelled];
        let ways = |from: MessageStatus| all.into_iter().filter(move |to| from.may_become(*to));
        for ended in [Sent, Failed, Cancelled] {
            assert_eq!(ways(ended).count(), 0, "{ended:?}");
        }
        assert_eq!(ways(Draft).collect::<Vec<_>>(), [Approved, Cancelled]);
        assert_eq!(ways(Approved).collect::<Vec<_>>(), [Sending, Cancelled]);
        assert_eq!(ways(Sending).collect::<Vec<_>>(), [Sent, Failed, Cancelled]);
    }
}
