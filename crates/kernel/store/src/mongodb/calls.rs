//! Running operations on the kernel runtime, whatever runtime the caller is on.

use super::failure::unknown;
use crate::StoreError;
use std::{future::Future, time::Duration};
use tokio::{runtime::Handle, time::timeout};
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};

/// A server that neither answers nor closes the connection is given up after this.
const LONGEST_READ: Duration = Duration::from_secs(10);
const LONGEST_WRITE: Duration = Duration::from_secs(20);

/// The operations of one store, counted so that closing can wait for them.
#[derive(Debug, Clone)]
pub(super) struct Calls {
    runtime: Handle,
    tracker: TaskTracker,
    closed: CancellationToken,
}

impl Calls {
    pub(super) fn on(runtime: Handle) -> Self {
        Self {
            runtime,
            tracker: TaskTracker::new(),
            closed: CancellationToken::new(),
        }
    }

    /// Something that changes nothing: it stops when the caller stops waiting.
    pub(super) async fn read<T, F>(&self, operation: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        self.refuse_when_closed()?;
        // The timer must begin on our runtime: the caller's may have none.
        let bounded = async move { timeout(LONGEST_READ, operation).await };
        let task = self.tracker.spawn_on(bounded, &self.runtime);
        match AbortOnDropHandle::new(task).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(StoreError::unavailable("MongoDB did not answer in time")),
            Err(stopped) => Err(StoreError::unavailable(stopped)),
        }
    }

    /// Opening the store: filling new fields may take as long as there is data.
    pub(super) async fn opening<F>(&self, operation: F) -> Result<(), StoreError>
    where
        F: Future<Output = Result<(), StoreError>> + Send + 'static,
    {
        self.refuse_when_closed()?;
        let task = self.tracker.spawn_on(operation, &self.runtime);
        AbortOnDropHandle::new(task)
            .await
            .map_err(StoreError::unavailable)?
    }

    /// A write: it runs to its end even when the caller stops waiting.
    pub(super) async fn write<T, F>(&self, operation: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        self.refuse_when_closed()?;
        // The timer must begin on our runtime: the caller's may have none.
        let bounded = async move { timeout(LONGEST_WRITE, operation).await };
        let task = self.tracker.spawn_on(bounded, &self.runtime);
        match task.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(unknown("MongoDB did not answer in time")),
            Err(_) => Err(unknown("the runtime stopped before MongoDB answered")),
        }
    }

    /// Something that runs beside the operations until it sees that the store is closed.
    pub(super) fn beside<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        drop(self.tracker.spawn_on(task, &self.runtime));
    }

    /// Cancelled when the store is closed.
    pub(super) fn closed(&self) -> CancellationToken {
        self.closed.clone()
    }

    /// Refuses new operations and waits for those under way.
    pub(super) async fn close(&self) {
        self.closed.cancel();
        self.tracker.close();
        let tracker = self.tracker.clone();
        // The caller's runtime may have no timer: wait on ours.
        let waiting = self
            .runtime
            .spawn(async move { timeout(LONGEST_WRITE, tracker.wait()).await.is_ok() });
        if !waiting.await.unwrap_or(false) {
            tracing::warn!("operations on MongoDB were still under way when the store closed");
        }
    }

    fn refuse_when_closed(&self) -> Result<(), StoreError> {
        if self.closed.is_cancelled() {
            return Err(StoreError::unavailable("the store is closed"));
        }
        Ok(())
    }
}
