use chrono::{DateTime, Utc};
use kernel::EventEnvelope;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

kernel::define_id!(
    /// An event that a consumer could not deal with: the same event and consumer have the same id.
    DeadLetterId
);

/// Part of a feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FeedPage {
    /// The events that the caller may see, in order.
    #[schema(value_type = Vec<EventEnvelope>)]
    pub events: Vec<Arc<EventEnvelope>>,
    /// How far this page looked: ask after it for the next. Equal to what was asked when nothing was new.
    pub read_to: u64,
    /// The place of the last event of the feed.
    pub last_seq: u64,
}

/// How far a consumer has read a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsumerStatus {
    /// The consumer's group.
    pub group: String,
    /// The consumer's name.
    pub consumer: String,
    /// The group whose feed it reads.
    pub feed: String,
    /// The last event that it dealt with.
    pub seq: u64,
}

/// From where a consumer is to read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplayRequest {
    /// The consumer's name.
    pub consumer: String,
    /// The group whose feed is to be read again; none for all that it reads.
    pub feed: Option<String>,
    /// The last event that counts as dealt with. 0 with no feed named builds anew what the consumer made.
    pub to_seq: u64,
}

/// An event that a consumer could not deal with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeadLetter {
    /// The dead letter's own id.
    pub id: DeadLetterId,
    /// The consumer's group.
    pub group: String,
    /// The consumer's name.
    pub consumer: String,
    /// What went wrong the last time.
    pub reason: String,
    /// How often it was tried before it was given up.
    pub attempts: u32,
    /// When it was given up, UTC.
    pub at: DateTime<Utc>,
    /// The event; its producer is the feed that it came from.
    pub event: EventEnvelope,
}

/// Some of a group's dead letters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeadLetterPage {
    /// The dead letters.
    pub items: Vec<DeadLetter>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}
