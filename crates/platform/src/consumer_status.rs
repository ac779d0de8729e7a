//! How a process is that only carries out the commands of a broker.

use crate::{Platform, PlatformError, health::ProcessHealth};
use bridge::Links;
use kernel::FieldError;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use web::{ForwardTable, Health, HealthSource, Listeners, Readiness, RunningServer, Shell, ShellParts};

/// Ready once every connection to the broker was there; losing one later only degrades it: the broker keeps what comes
/// meanwhile.
struct ConsumerHealth {
    process: Arc<ProcessHealth>,
    links: Links,
    was_ready: AtomicBool,
}

#[rpc::async_trait]
impl HealthSource for ConsumerHealth {
    async fn health(&self) -> Health {
        self.process.health().await
    }

    async fn ready(&self) -> Readiness {
        let lost = self.links.lost();
        let stores = self.process.lost_stores().await;
        let store = |name: &&str| FieldError::new(*name, "the store of this group does not answer");
        let mut reasons: Vec<FieldError> = stores.iter().map(store).collect();
        if !self.was_ready.load(Ordering::Acquire) {
            let missing = lost.iter();
            reasons.extend(missing.map(|link| FieldError::new(link, "no connection to the broker yet")));
        }
        if reasons.is_empty() {
            self.was_ready.store(true, Ordering::Release);
        }
        Readiness {
            ready: reasons.is_empty(),
            degraded: lost,
            reasons,
        }
    }
}

impl Platform {
    /// Answers `/metrics`, `/ready` and `/health` on this port, and nothing else: for a process that serves no requests. Port 0
    /// takes a free one.
    pub fn serve_status(&self, port: u16) -> Result<RunningServer, PlatformError> {
        let kit = &self.kit;
        let listener = Listeners::bind_status(&kit.settings.server, port)?;
        let shell = Shell::new(ShellParts {
            settings: kit.settings.clone(),
            verifier: kit.verifier.clone(),
            services: kit.services.clone(),
            hops: kit.hops.clone(),
            registry: kit.registry.clone(),
            mounts: Vec::new(),
            sources: kit.sources.clone(),
            tasks: kit.tasks.clone(),
            health: Arc::new(ConsumerHealth {
                process: self.health.clone(),
                links: kit.bridges.links.clone(),
                was_ready: AtomicBool::new(false),
            }),
            calls: Vec::new(),
            contracts: Vec::new(),
            forward: Arc::new(ForwardTable::default()),
        })?;
        Ok(shell.serve_status(listener)?)
    }
}
