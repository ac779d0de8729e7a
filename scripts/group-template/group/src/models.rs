use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// What a ping answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Pong {
    /// The group that answers.
    pub(crate) group: String,
    /// When, UTC.
    pub(crate) time: DateTime<Utc>,
}
