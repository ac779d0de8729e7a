use crate::wiring::Wired;
use kernel::FieldError;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::Store;
use trust::TokenVerifier;
use web::{Health, HealthSource, Readiness};

/// How long a store may take to say that it is there.
const PATIENCE: Duration = Duration::from_millis(800);

/// How this process is. Readiness latches: once everything was there, later losses only degrade it.
#[derive(Default)]
pub(crate) struct ProcessHealth {
    known: OnceLock<Known>,
    was_ready: AtomicBool,
}

struct Known {
    stores: Vec<(&'static str, Store)>,
    /// For each group, those that it calls and that are not part of this process.
    missing: Vec<String>,
    verifier: Arc<TokenVerifier>,
}

impl ProcessHealth {
    /// Learns what there is, once everything is built.
    pub(crate) fn know(&self, groups: &[Wired], verifier: &Arc<TokenVerifier>) {
        let here: Vec<&str> = groups.iter().map(|group| group.info.name).collect();
        let mut missing: Vec<String> = groups
            .iter()
            .flat_map(|group| group.info.calls)
            .filter(|called| !here.contains(called))
            .map(|called| (*called).to_owned())
            .collect();
        missing.sort_unstable();
        missing.dedup();
        let stores = groups
            .iter()
            .map(|group| (group.info.name, group.store.clone()))
            .collect();
        let _ = self.known.set(Known {
            stores,
            missing,
            verifier: verifier.clone(),
        });
    }

    /// Each group with whether its store answers.
    pub(crate) async fn states(&self) -> Vec<(&'static str, bool)> {
        let Some(known) = self.known.get() else {
            return Vec::new();
        };
        let mut states = Vec::with_capacity(known.stores.len());
        for (name, store) in &known.stores {
            let answered = tokio::time::timeout(PATIENCE, store.ping()).await;
            states.push((*name, matches!(answered, Ok(Ok(())))));
        }
        states
    }
}

#[rpc::async_trait]
impl HealthSource for ProcessHealth {
    async fn health(&self) -> Health {
        let states = self.states().await;
        let operational = !states.is_empty() && states.iter().all(|(_, answers)| *answers);
        let word = |answers: bool| if answers { "operational" } else { "unavailable" };
        let groups: BTreeMap<&str, Value> = states
            .iter()
            .map(|(name, up)| (*name, word(*up).into()))
            .collect();
        let status = if operational { "operational" } else { "degraded" };
        Health {
            operational,
            details: json!({ "system_status": status, "groups": groups }),
        }
    }

    async fn ready(&self) -> Readiness {
        let Some(known) = self.known.get() else {
            return Readiness::default();
        };
        let lost: Vec<&str> = self
            .states()
            .await
            .into_iter()
            .filter(|(_, answers)| !answers)
            .map(|(name, _)| name)
            .collect();
        let mut degraded = known.missing.clone();
        if !known.verifier.revocations().is_fresh() {
            degraded.push("revocations".to_owned());
        }
        if lost.is_empty() {
            self.was_ready.store(true, Ordering::Release);
        }
        let reasons = lost
            .iter()
            .map(|name| FieldError::new(*name, "the store of this group does not answer"))
            .collect();
        Readiness {
            ready: lost.is_empty(),
            degraded,
            reasons,
        }
    }
}
