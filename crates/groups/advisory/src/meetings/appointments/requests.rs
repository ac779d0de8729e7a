use super::models::{MeetingRecord, MeetingStatus, ParticipantRecord};
use crate::prose::Prose;
use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use kernel::{AdvisorId, ClientId, Email, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Somebody who takes part.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Participant {
    /// The name.
    pub(crate) name: Text<1, 200>,
    /// Where to write to.
    pub(crate) email: Option<Email>,
}

/// A new meeting.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MeetingRequest {
    /// With whom.
    pub(crate) client_id: ClientId,
    /// What it is about.
    pub(crate) title: Text<1, 200>,
    /// From when, with its offset from UTC.
    pub(crate) starts_at: DateTime<FixedOffset>,
    /// Until when: later than `starts_at`, by at most a week.
    pub(crate) ends_at: DateTime<FixedOffset>,
    /// In which zone it is shown, as in `Asia/Kolkata`; the installation's when it is left out.
    #[schema(value_type = Option<String>)]
    pub(crate) timezone: Option<Tz>,
    /// Where.
    pub(crate) location: Option<Text<1, 300>>,
    /// What the firm writes down for itself.
    pub(crate) notes: Option<Prose<10000>>,
    /// Who takes part beside client and advisor: at most 50.
    #[schema(max_items = 50)]
    pub(crate) participants: Option<Vec<Participant>>,
}

/// A meeting's new data: what is left out is emptied.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MeetingUpdateRequest {
    /// What it is about.
    pub(crate) title: Text<1, 200>,
    /// From when, with its offset from UTC.
    pub(crate) starts_at: DateTime<FixedOffset>,
    /// Until when: later than `starts_at`, by at most a week.
    pub(crate) ends_at: DateTime<FixedOffset>,
    /// In which zone it is shown; unchanged when it is left out.
    #[schema(value_type = Option<String>)]
    pub(crate) timezone: Option<Tz>,
    /// Where.
    pub(crate) location: Option<Text<1, 300>>,
    /// What the firm writes down for itself.
    pub(crate) notes: Option<Prose<10000>>,
    /// Who takes part beside client and advisor: at most 50.
    #[schema(max_items = 50)]
    pub(crate) participants: Option<Vec<Participant>>,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// Somebody who takes part, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ParticipantResponse {
    /// The name.
    pub(crate) name: String,
    /// Where to write to.
    pub(crate) email: Option<String>,
}

/// A meeting.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MeetingResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// With whom.
    pub(crate) client_id: ClientId,
    /// Who the client is as a user.
    pub(crate) user_id: UserId,
    /// In whose book the client is.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// What it is about; null once the client was erased.
    pub(crate) title: Option<String>,
    /// From when, as `timezone` shows it.
    pub(crate) starts_at: DateTime<FixedOffset>,
    /// Until when, as `timezone` shows it.
    pub(crate) ends_at: DateTime<FixedOffset>,
    /// In which zone it is shown.
    #[schema(value_type = String)]
    pub(crate) timezone: Tz,
    /// Where.
    pub(crate) location: Option<String>,
    /// What the firm writes down for itself.
    pub(crate) notes: Option<String>,
    /// Who takes part beside client and advisor.
    pub(crate) participants: Vec<ParticipantResponse>,
    /// `scheduled`, `completed` or `cancelled`.
    pub(crate) status: MeetingStatus,
    /// How often it was changed, from 0: `SEQUENCE` of iCalendar.
    pub(crate) sequence: u32,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when it is known, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Stored<MeetingRecord>> for MeetingResponse {
    fn from(stored: Stored<MeetingRecord>) -> Self {
        let Stored {
            id,
            version,
            created_at,
            updated_at,
            data,
            ..
        } = stored;
        let shown = |moment: DateTime<Utc>| moment.with_timezone(&data.timezone).fixed_offset();
        let (starts_at, ends_at) = (shown(data.starts_at), shown(data.ends_at));
        let participants = data.participants.unwrap_or_default().into_iter();
        Self {
            id,
            version,
            created_at,
            updated_at,
            starts_at,
            ends_at,
            participants: participants
                .map(|ParticipantRecord { name, email }| ParticipantResponse { name, email })
                .collect(),
            client_id: data.client_id,
            user_id: data.user_id,
            advisor_id: data.advisor_id,
            title: data.title,
            timezone: data.timezone,
            location: data.location,
            notes: data.notes,
            status: data.status,
            sequence: data.sequence,
        }
    }
}

/// Which meetings.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MeetingFilter {
    /// Only those with this client.
    pub(crate) client_id: Option<ClientId>,
    /// Only those that stand so.
    #[param(inline)]
    pub(crate) status: Option<MeetingStatus>,
    /// Only those that begin at this moment or later.
    pub(crate) from: Option<DateTime<Utc>>,
    /// Only those that begin before this moment.
    pub(crate) until: Option<DateTime<Utc>>,
}

/// What a calendar holds.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CalendarFilter {
    /// Only meetings with this client.
    pub(crate) client_id: Option<ClientId>,
    /// From when; 30 days ago when it is left out.
    pub(crate) from: Option<DateTime<Utc>>,
    /// Until when: at most 400 days after `from`; 365 days after `from` when it is left out.
    pub(crate) until: Option<DateTime<Utc>>,
}
