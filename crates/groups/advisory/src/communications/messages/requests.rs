use super::models::{MessageRecord, MessageStatus};
use crate::prose::Prose;
use chrono::{DateTime, Utc};
use kernel::{AdvisorId, ClientId, Text, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A new draft: from a template, or with a subject and a text of its own.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct DraftRequest {
    /// To whom.
    pub(crate) client_id: ClientId,
    /// From which template; then without `subject` and `body`.
    pub(crate) template_id: Option<Uuid>,
    /// The subject; may have variables, as a template has.
    pub(crate) subject: Option<Text<1, 200>>,
    /// The text; may have variables, as a template has.
    pub(crate) body: Option<Prose<20000>>,
    /// Values of variables, by name: each variable needs one unless it is filled by itself, and none is given in vain.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub(crate) variables: Option<BTreeMap<String, Text<0, 1000>>>,
}

/// A draft's new subject and text.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MessageUpdateRequest {
    /// The subject, as it is sent.
    pub(crate) subject: Text<1, 200>,
    /// The text, as it is sent.
    pub(crate) body: Prose<20000>,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// A message to a client.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MessageResponse {
    /// The id; the `Message-ID` of the mail begins with it.
    pub(crate) id: Uuid,
    /// To whom.
    pub(crate) client_id: ClientId,
    /// Who the client is as a user.
    pub(crate) user_id: UserId,
    /// In whose book the client is.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// From which template it was drafted.
    pub(crate) template_id: Option<Uuid>,
    /// `draft`, `approved`, `sending`, `sent`, `failed` or `cancelled`.
    pub(crate) status: MessageStatus,
    /// Where it was sent; null before.
    pub(crate) address: Option<String>,
    /// The subject; null once the client was erased.
    pub(crate) subject: Option<String>,
    /// The text; null once the client was erased.
    pub(crate) body: Option<String>,
    /// Who drafted it, `user/…`.
    pub(crate) drafted_by: String,
    /// Who approved it.
    pub(crate) approved_by: Option<String>,
    /// When, UTC.
    pub(crate) approved_at: Option<DateTime<Utc>>,
    /// When the mail server took it, UTC.
    pub(crate) sent_at: Option<DateTime<Utc>>,
    /// Why it failed (`no_address`, `refused`, `undeliverable`, `outcome_unknown`) or was cancelled (`by_hand`,
    /// `suppressed`, `client_gone`).
    pub(crate) reason: Option<String>,
    /// How often it was handed to the mail server.
    pub(crate) attempts: u32,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Stored<MessageRecord>> for MessageResponse {
    fn from(stored: Stored<MessageRecord>) -> Self {
        let Stored {
            id,
            version,
            created_at,
            updated_at,
            data,
            ..
        } = stored;
        Self {
            id,
            client_id: data.client_id,
            user_id: data.user_id,
            advisor_id: data.advisor_id,
            template_id: data.template_id,
            status: data.status,
            address: data.address,
            subject: data.subject,
            body: data.body,
            drafted_by: data.drafted_by,
            approved_by: data.approved_by,
            approved_at: data.approved_at,
            sent_at: data.sent_at,
            reason: data.reason,
            attempts: data.attempts,
            version,
            created_at,
            updated_at,
        }
    }
}

/// Which messages.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessageFilter {
    /// Only those to this client.
    pub(crate) client_id: Option<ClientId>,
    /// Only those that stand so.
    #[param(inline)]
    pub(crate) status: Option<MessageStatus>,
    /// Only those drafted at this moment or later.
    pub(crate) since: Option<DateTime<Utc>>,
    /// Only those drafted before this moment.
    pub(crate) until: Option<DateTime<Utc>>,
}
