use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kernel::{AdvisorId, ClientId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;

/// Where a meeting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MeetingStatus {
    /// It is to take place.
    Scheduled,
    /// It took place.
    Completed,
    /// It does not take place.
    Cancelled,
}

impl MeetingStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            MeetingStatus::Scheduled => "scheduled",
            MeetingStatus::Completed => "completed",
            MeetingStatus::Cancelled => "cancelled",
        }
    }
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ParticipantRecord {
    pub(crate) name: String,
    pub(crate) email: Option<String>,
}

/// A meeting as it is stored. What it is about, where, and who takes part is encrypted, and empty once the client was
/// erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MeetingRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) title: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) participants: Option<Vec<ParticipantRecord>>,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) ends_at: DateTime<Utc>,
    /// In which zone it is shown.
    pub(crate) timezone: Tz,
    pub(crate) status: MeetingStatus,
    /// `SEQUENCE` of iCalendar: how often it was changed, from 0.
    pub(crate) sequence: u32,
}

impl Document for MeetingRecord {
    fn collection() -> &'static Collection {
        static MEETINGS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("meetings", Scoping::Client)
                .field("client_id", FieldKind::Uuid)
                .field("status", FieldKind::Text)
                .field("starts_at", FieldKind::Time)
                .belongs_to("client_id")
                .serves(&[], &["starts_at"])
                .serves(&["status"], &["starts_at"])
                .serves(&["client_id"], &["starts_at"])
                .serves(&["client_id", "status"], &["starts_at"])
                .encrypted("title")
                .encrypted("location")
                .encrypted("notes")
                .encrypted("participants")
                .personal(&["title", "location", "notes", "participants"])
        });
        &MEETINGS
    }
}
