//! The contract under which a running process is told where groups run.

use crate::{
    Program, Topology,
    switchboard::{SwitchError, Switchboard},
    topology::Placement,
};
use kernel::{CallContext, CallError, ErrorKind, Fault, Principal};
use runtime::Settings;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;

/// The name under which processes answer for themselves, as groups do under theirs.
pub(crate) const PLATFORM: &str = "platform";

/// Why a placement is not taken over.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[serde(tag = "error", rename_all = "snake_case")]
pub(crate) enum PlacementError {
    /// Not one that this process can act on, or not newer than the one in force.
    #[error("{reason}")]
    Refused {
        /// What to do.
        reason: String,
    },
    /// What can go wrong with any call.
    #[error(transparent)]
    Call {
        /// Which.
        #[serde(flatten)]
        #[from]
        call: CallError,
    },
}

impl Fault for PlacementError {
    fn kind(&self) -> ErrorKind {
        match self {
            PlacementError::Refused { .. } => ErrorKind::Conflict,
            PlacementError::Call { call } => call.kind(),
        }
    }

    fn code(&self) -> Cow<'static, str> {
        match self {
            PlacementError::Refused { .. } => Cow::Borrowed("placement_refused"),
            other => other
                .inner()
                .map_or(Cow::Borrowed(other.kind().code()), Fault::code),
        }
    }

    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            PlacementError::Call { call } => Some(call),
            _ => None,
        }
    }
}

impl From<SwitchError> for PlacementError {
    fn from(error: SwitchError) -> Self {
        PlacementError::Refused {
            reason: error.to_string(),
        }
    }
}

/// Where the groups are, as one process acts on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PlacementReport {
    /// The process's program.
    pub(crate) program: String,
    /// The version in force.
    pub(crate) version: u64,
    /// For each group `local`, `remote …`, `split …` or `absent`.
    pub(crate) groups: BTreeMap<String, String>,
}

/// What every process answers for itself, to the platform itself and the operator's tool only.
#[rpc::service(name = "platform.placement")]
pub(crate) trait PlacementControl {
    /// Where the groups are.
    #[rpc(read)]
    async fn current(&self, cx: &CallContext) -> Result<PlacementReport, PlacementError>;

    /// Acts on the topology that this text of a topology file holds, from now on and until the process ends. One that
    /// is not newer is refused.
    #[rpc(idempotent)]
    async fn apply(&self, cx: &CallContext, topology: String) -> Result<PlacementReport, PlacementError>;
}

/// What this process answers.
pub(crate) struct ProcessPlacement {
    pub(crate) program: Program,
    pub(crate) settings: Settings,
    pub(crate) board: Arc<Switchboard>,
}

impl ProcessPlacement {
    fn report(&self) -> PlacementReport {
        let topology = self.board.current();
        let groups = topology.groups().iter().map(|group| {
            let place = match &group.placement {
                None => "absent".to_owned(),
                Some(Placement::Local) => "local".to_owned(),
                Some(Placement::Remote { addresses }) => format!("remote {}", addresses.join(" ")),
                Some(Placement::Split { addresses, percent }) => {
                    format!("split {percent}% {}", addresses.join(" "))
                }
            };
            (group.info.name.to_owned(), place)
        });
        PlacementReport {
            program: self.program.name(),
            version: topology.version(),
            groups: groups.collect(),
        }
    }
}

#[rpc::async_trait]
impl PlacementControl for ProcessPlacement {
    async fn current(&self, cx: &CallContext) -> Result<PlacementReport, PlacementError> {
        for_the_system(cx)?;
        Ok(self.report())
    }

    async fn apply(&self, cx: &CallContext, topology: String) -> Result<PlacementReport, PlacementError> {
        for_the_system(cx)?;
        let pushed = Topology::pushed(&topology, &self.settings, self.program);
        let pushed = pushed.map_err(|error| PlacementError::Refused {
            reason: error.to_string(),
        })?;
        // Asked again after a lost answer: what is in force already is done.
        if pushed != self.board.current() {
            self.board.apply(pushed)?;
        }
        let report = self.report();
        tracing::info!(version = report.version, groups = ?report.groups, "the placement was changed");
        Ok(report)
    }
}

fn for_the_system(cx: &CallContext) -> Result<(), CallError> {
    match &cx.principal {
        Principal::System { group, .. } if group == PLATFORM => Ok(()),
        _ => Err(CallError::Forbidden {
            permission: "placement.change".to_owned(),
        }),
    }
}
