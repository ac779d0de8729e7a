use crate::FinanceError;
use kernel::{CallContext, Command, CommandOutcome, IdempotencyKey};

/// What the finance group does by name: for message queues and whoever else has a command and no route.
#[rpc::service(name = "finance.commands")]
pub trait Commands {
    /// Carries a command out, once for each key; the key stands for the command's own id. A command of the platform that
    /// says no `user_id` is for the firm's service account.
    #[rpc(effect)]
    async fn run(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        command: Command,
    ) -> Result<CommandOutcome, FinanceError>;
}
