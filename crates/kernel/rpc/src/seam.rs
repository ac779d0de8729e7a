use crate::{metrics::CallMetrics, remote::RemoteMetrics};
use kernel::Tasks;
use prometheus_client::registry::Registry;
use std::future::Future;
use tokio::runtime::Handle as RuntimeHandle;

/// What every client of a process shares: where effects run and where calls are counted.
#[derive(Debug, Clone)]
pub struct Seam {
    tasks: Tasks,
    runtime: Option<RuntimeHandle>,
    metrics: CallMetrics,
    remote: RemoteMetrics,
}

impl Seam {
    /// A seam whose effects run on `tasks` and whose calls are counted in `registry` (`rpc_calls_total` and
    /// `rpc_call_duration_seconds`, by contract, method, location and outcome; what happens on the way to other
    /// processes: `rpc_attempts_total`, `rpc_retries_total`, `rpc_retries_withheld_total` and `rpc_breaker_state`, by
    /// target).
    pub fn new(tasks: Tasks, registry: &mut Registry) -> Self {
        Self {
            tasks,
            runtime: None,
            metrics: CallMetrics::register(registry),
            remote: RemoteMetrics::register(registry),
        }
    }

    /// The same seam with effects on `runtime` instead of the caller's: an HTTP worker's runtime ends with the
    /// worker, the process's own ends after the last effect.
    pub fn on_runtime(mut self, runtime: RuntimeHandle) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// The process's tracked tasks.
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    pub(crate) fn metrics(&self) -> &CallMetrics {
        &self.metrics
    }

    pub(crate) fn remote_metrics(&self) -> &RemoteMetrics {
        &self.remote
    }

    pub(crate) fn spawn(&self, effect: impl Future<Output = ()> + Send + 'static) {
        let _entered = self.runtime.as_ref().map(RuntimeHandle::enter);
        drop(self.tasks.spawn(effect));
    }
}
