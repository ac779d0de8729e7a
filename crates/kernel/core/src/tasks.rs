use std::future::Future;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The process's tracked tasks: whatever runs beside a request is spawned here, so that stopping can wait for it.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stopping: CancellationToken,
}

impl Tasks {
    /// An empty set of tasks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `task` to its end on the current runtime; stopping waits for it.
    pub fn spawn<F>(&self, task: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tracker.spawn(task)
    }

    /// Resolves when the process begins to stop: loops select on it.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Whether the process is stopping.
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// A token that is cancelled when the process begins to stop.
    pub fn token(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// Tells every loop and everything that waits for news to end; what is being done goes on.
    pub fn begin_to_stop(&self) {
        self.stopping.cancel();
    }

    /// Tells every loop to end and waits until all tasks have, or until `patience` is over. Answers whether all ended.
    pub async fn stop(&self, patience: std::time::Duration) -> bool {
        self.begin_to_stop();
        self.tracker.close();
        tokio::time::timeout(patience, self.tracker.wait()).await.is_ok()
    }
}
