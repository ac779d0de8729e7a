use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How the system is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SystemStatus {
    /// `operational` when every group is, otherwise `degraded`.
    pub(crate) system_status: SystemState,
    /// The state of each group that this process knows.
    pub(crate) groups: BTreeMap<&'static str, SystemState>,
    /// Since when this process runs, UTC.
    pub(crate) started_at: DateTime<Utc>,
    /// For how long, in whole seconds.
    pub(crate) uptime_seconds: u64,
    /// The program's version.
    pub(crate) version: &'static str,
}

/// A state in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SystemState {
    /// Everything answers.
    Operational,
    /// Something does not.
    Degraded,
}
