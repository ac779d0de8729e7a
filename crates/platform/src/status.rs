use kernel::{CallContext, CallError};
use std::time::Duration;
use store::Store;

/// How long a store may take to say that it is there.
const PATIENCE: Duration = Duration::from_millis(800);

/// How a group is: every group answers it, wherever it runs.
#[rpc::service(name = "status", shared)]
pub(crate) trait GroupStatus {
    /// Whether the group's store answers.
    #[rpc(read)]
    async fn is_operational(&self, cx: &CallContext) -> Result<bool, CallError>;
}

/// The status of a group in this process.
pub(crate) struct StoreStatus(pub(crate) Store);

#[rpc::async_trait]
impl GroupStatus for StoreStatus {
    async fn is_operational(&self, _cx: &CallContext) -> Result<bool, CallError> {
        Ok(answers(&self.0).await)
    }
}

/// Whether a store answers in time.
pub(crate) async fn answers(store: &Store) -> bool {
    matches!(tokio::time::timeout(PATIENCE, store.ping()).await, Ok(Ok(())))
}
