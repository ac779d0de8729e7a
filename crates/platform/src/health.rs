use crate::{
    status::{GroupStatusClient, answers},
    switchboard::{Switchboard, Whereabouts},
    wiring::Wired,
};
use bridge::Links;
use futures::future::join_all;
use kernel::{CallContext, Deadline, FieldError, Sources, TenantId};
use parking_lot::RwLock;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::Store;
use trust::TokenVerifier;
use web::{Health, HealthSource, Readiness};

/// How long a group in another process may take to say how it is.
const PATIENCE: Duration = Duration::from_millis(900);

/// How this process is. Readiness latches: once everything was there, later losses only degrade it.
pub(crate) struct ProcessHealth {
    known: OnceLock<Known>,
    was_ready: AtomicBool,
    /// For each group that is called elsewhere, why it cannot be relied on yet; nothing once it was checked.
    unchecked: RwLock<BTreeMap<String, String>>,
    /// The connections to message brokers.
    links: Links,
}

/// What there is in a process, once everything is built.
pub(crate) struct Known {
    stores: Vec<(&'static str, Store)>,
    statuses: Vec<(&'static str, GroupStatusClient)>,
    /// The groups that this process answers for or relies on.
    concerns: BTreeSet<&'static str>,
    board: Arc<Switchboard>,
    verifier: Arc<TokenVerifier>,
    sources: Sources,
}

impl Known {
    pub(crate) fn new(
        built: &[Wired],
        statuses: Vec<(&'static str, GroupStatusClient)>,
        board: Arc<Switchboard>,
        verifier: Arc<TokenVerifier>,
        sources: Sources,
    ) -> Self {
        let stores = built.iter().map(|group| (group.info.name, group.store.clone()));
        let concerns = match board.current().is_front() {
            true => board.ways().iter().map(|way| way.info.name).collect(),
            false => concerns(built),
        };
        Self {
            stores: stores.collect(),
            concerns,
            statuses,
            board,
            verifier,
            sources,
        }
    }

    /// The groups whose own store does not answer.
    async fn lost(&self) -> Vec<&'static str> {
        let stores = self.stores.iter();
        let states = join_all(stores.map(|(name, store)| async move { (*name, answers(store).await) }));
        let states = states.await.into_iter();
        states
            .filter_map(|(name, answers)| (!answers).then_some(name))
            .collect()
    }

    /// Each group that this process answers for or relies on, with whether it is there.
    fn whereabouts(&self, lost: &[&'static str]) -> Vec<(&'static str, bool)> {
        let groups = self.board.whereabouts().into_iter();
        groups
            .filter(|(name, _)| self.concerns.contains(name))
            .filter_map(|(name, whereabouts)| match whereabouts {
                Whereabouts::Here => Some((name, !lost.contains(&name))),
                Whereabouts::Elsewhere { reachable } => Some((name, reachable)),
                Whereabouts::Nowhere => None,
            })
            .collect()
    }
}

/// The groups of a process that was built for some, and those that they need or ask.
fn concerns(built: &[Wired]) -> BTreeSet<&'static str> {
    let infos = built.iter().map(|group| group.info);
    infos
        .flat_map(|info| [&[info.name][..], info.calls, info.asks].concat())
        .collect()
}

impl ProcessHealth {
    /// Knows nothing yet but these connections to brokers.
    pub(crate) fn new(links: Links) -> Self {
        Self {
            known: OnceLock::new(),
            was_ready: AtomicBool::new(false),
            unchecked: RwLock::default(),
            links,
        }
    }

    /// Learns what there is.
    pub(crate) fn know(&self, known: Known) {
        let _ = self.known.set(known);
    }

    /// This group is called, and cannot be relied on for this reason: not ready before that has changed once.
    pub(crate) fn not_proven(&self, group: &str, reason: impl Into<String>) {
        self.unchecked.write().insert(group.to_owned(), reason.into());
    }

    /// The contract of this group was checked once.
    pub(crate) fn proven(&self, group: &str) {
        self.unchecked.write().remove(group);
    }

    /// The groups whose store does not answer.
    pub(crate) async fn lost_stores(&self) -> Vec<&'static str> {
        match self.known.get() {
            Some(known) => known.lost().await,
            None => Vec::new(),
        }
    }

    /// Each group that there is, wherever it runs, with whether it works: every one is asked.
    pub(crate) async fn states(&self) -> Vec<(&'static str, bool)> {
        let Some(known) = self.known.get() else {
            return Vec::new();
        };
        let cx = CallContext::system("platform", TenantId::DEFAULT, known.sources.ids())
            .with_deadline(Deadline::within(PATIENCE));
        let present = known.board.whereabouts();
        let is_present =
            |name: &str| matches!(present.get(name), Some(place) if *place != Whereabouts::Nowhere);
        let groups = known.statuses.iter().filter(|(name, _)| is_present(name));
        let states = groups.map(|(name, status)| {
            let cx = &cx;
            async move { (*name, status.is_operational(cx).await.unwrap_or(false)) }
        });
        join_all(states).await
    }

    /// Why the process is not ready.
    fn reasons(&self, known: &Known, lost: &[&'static str]) -> Vec<FieldError> {
        let store = |name: &&'static str| FieldError::new(*name, "the store of this group does not answer");
        let mut reasons: Vec<FieldError> = lost.iter().map(store).collect();
        if self.was_ready.load(Ordering::Acquire) {
            return reasons;
        }
        let unchecked = self.unchecked.read();
        reasons.extend(
            unchecked
                .iter()
                .map(|(group, reason)| FieldError::new(group, reason)),
        );
        if !known.verifier.revocations().is_fresh() {
            let reason = "the first news of ended log-ins has not come: is the auth group there?";
            reasons.push(FieldError::new("revocations", reason));
        }
        reasons
    }
}

#[rpc::async_trait]
impl HealthSource for ProcessHealth {
    async fn health(&self) -> Health {
        let Some(known) = self.known.get() else {
            return Health {
                operational: false,
                details: json!({ "system_status": "degraded", "groups": {} }),
            };
        };
        let lost = known.lost().await;
        let states = known.whereabouts(&lost);
        let word = |works: bool| if works { "operational" } else { "unavailable" };
        let groups: BTreeMap<&str, Value> = states
            .iter()
            .map(|(name, works)| (*name, word(*works).into()))
            .collect();
        let all = states.iter().all(|(_, works)| *works);
        let status = if all { "operational" } else { "degraded" };
        Health {
            operational: lost.is_empty(),
            details: json!({ "system_status": status, "groups": groups }),
        }
    }

    async fn ready(&self) -> Readiness {
        let Some(known) = self.known.get() else {
            return Readiness::default();
        };
        let lost = known.lost().await;
        let reasons = self.reasons(known, &lost);
        if reasons.is_empty() {
            self.was_ready.store(true, Ordering::Release);
        }
        let away = known.whereabouts(&lost).into_iter().filter(|(_, there)| !there);
        let mut degraded: Vec<String> = away.map(|(name, _)| name.to_owned()).collect();
        if !known.verifier.revocations().is_fresh() {
            degraded.push("revocations".to_owned());
        }
        degraded.extend(self.links.lost());
        Readiness {
            ready: reasons.is_empty(),
            degraded,
            reasons,
        }
    }
}
