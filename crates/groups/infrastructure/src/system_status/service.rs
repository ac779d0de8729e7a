use super::models::{SystemState, SystemStatus};
use chrono::{DateTime, Utc};
use kernel::Sources;
use std::{collections::BTreeMap, sync::Arc};

/// How one group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupState {
    /// Which.
    pub name: &'static str,
    /// Whether it answers and its store does.
    pub operational: bool,
}

/// Where the states of the groups come from: the process that runs them.
#[rpc::async_trait]
pub trait StatusSource: Send + Sync + 'static {
    /// How each group is at this moment.
    async fn states(&self) -> Vec<GroupState>;
}

/// Says how the system is.
pub(crate) struct SystemStatusService {
    source: Arc<dyn StatusSource>,
    sources: Sources,
    started_at: DateTime<Utc>,
}

impl SystemStatusService {
    pub(crate) fn new(source: Arc<dyn StatusSource>, sources: Sources) -> Self {
        let started_at = sources.now();
        Self {
            source,
            sources,
            started_at,
        }
    }

    /// How the system is at this moment.
    pub(crate) async fn status(&self) -> SystemStatus {
        let groups: BTreeMap<&'static str, SystemState> = self
            .source
            .states()
            .await
            .into_iter()
            .map(|state| (state.name, word(state.operational)))
            .collect();
        let uptime = self.sources.now() - self.started_at;
        SystemStatus {
            system_status: word(groups.values().all(|state| *state == SystemState::Operational)),
            groups,
            started_at: self.started_at,
            uptime_seconds: u64::try_from(uptime.num_seconds()).unwrap_or(0),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

fn word(operational: bool) -> SystemState {
    if operational {
        SystemState::Operational
    } else {
        SystemState::Degraded
    }
}
