use events::ReplayRequest;
use kernel::Text;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which events.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventFilter {
    /// Of this group, in the order of its feed. Without it: the newest of all groups, newest first.
    pub(crate) group: Option<Text<1, 40>>,
    /// Only this type, as in `client.created`.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    pub(crate) event_type: Option<Text<1, 80>>,
    /// Only what happened to this, as in `client/0190a5c0-0000-7000-8000-000000000000`.
    pub(crate) subject: Option<Text<1, 200>>,
    /// Only what comes after this place of the group's feed; needs `group`.
    #[param(minimum = 0)]
    pub(crate) after: Option<u64>,
    /// How many at most: 1 to 200, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u32>,
}

/// Whose dead letters.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeadLetterFilter {
    /// Of the consumers of this group.
    pub(crate) group: Text<1, 40>,
    /// Of this consumer only.
    pub(crate) consumer: Option<Text<1, 80>>,
}

/// Which consumer is to read again, and from where.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReplayEventsRequest {
    /// The consumer's group.
    pub(crate) group: Text<1, 40>,
    /// The consumer's name.
    pub(crate) consumer: Text<1, 80>,
    /// The group whose feed is to be read again; all that it reads when it is left out.
    pub(crate) feed: Option<Text<1, 40>>,
    /// The last event that counts as dealt with: 0, the default, begins anew.
    #[serde(default)]
    pub(crate) to_seq: u64,
}

impl From<&ReplayEventsRequest> for ReplayRequest {
    fn from(request: &ReplayEventsRequest) -> Self {
        Self {
            consumer: request.consumer.to_string(),
            feed: request.feed.as_ref().map(ToString::to_string),
            to_seq: request.to_seq,
        }
    }
}

/// The place of a dead letter in the address.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct DeadLetterPlace {
    /// The consumer's group.
    #[param(min_length = 1, max_length = 40, pattern = "^[a-z]+$")]
    pub(crate) group: String,
    /// The dead letter.
    pub(crate) id: Uuid,
}
