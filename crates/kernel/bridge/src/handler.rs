use async_trait::async_trait;
use events::Failure;
use kernel::{Command, IdempotencyKey};

/// Carries out commands, whichever broker brings them.
#[async_trait]
pub trait CommandHandler: Send + Sync + 'static {
    /// Carries a command out, once for each key; answers when its effect is committed. A transient failure is tried again
    /// under the same key, a permanent one makes the message a dead letter.
    async fn handle(&self, key: IdempotencyKey, command: Command) -> Result<(), Failure>;
}
