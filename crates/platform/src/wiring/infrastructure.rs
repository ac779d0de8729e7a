use super::Wired;
use crate::{PlatformError, health::ProcessHealth, kit::Kit, known_groups};
use ::infrastructure::{GroupState, InfrastructureNeeds, StatusSource};
use infrastructure_contract::INFO;
use std::sync::Arc;

pub(super) async fn wire(kit: &Kit) -> Result<Wired, PlatformError> {
    let store = kit.open_store(&INFO, ::infrastructure::collections()).await?;
    let group = ::infrastructure::build(InfrastructureNeeds {
        store: store.clone(),
        sources: kit.sources.clone(),
        groups: known_groups(),
        feeds: kit.handles.feeds().to_vec(),
        status: Arc::new(ProcessStatus(kit.health.clone())),
    });
    Ok(Wired::new(kit, group.mount, store).answering(&kit.handles.registry, group.registry))
}

/// The states of the groups in this process.
struct ProcessStatus(Arc<ProcessHealth>);

#[rpc::async_trait]
impl StatusSource for ProcessStatus {
    async fn states(&self) -> Vec<GroupState> {
        let states = self.0.states().await.into_iter();
        states
            .map(|(name, operational)| GroupState { name, operational })
            .collect()
    }
}
