use crate::{
    address::{AddressError, parse_address},
    endpoint_probe::Condition,
};
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};
use std::{
    collections::HashSet,
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// For how long an address that fails may be one whose process is being replaced.
const REPLACED_WITHIN: Duration = Duration::from_secs(1);
/// How often a request finds out whether an address that is lost is back, where no probe does.
const TRIAL: Duration = Duration::from_millis(250);
/// How many probes in a row must stay without an answer before an address counts as silent.
const SILENT_AFTER: u8 = 2;

/// Why an address is refused. `Display` says which one and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an address of the group '{group}': {error}")]
pub struct EndpointError {
    group: String,
    error: AddressError,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GroupLabel {
    group: String,
}

/// The gauge `endpoints_healthy{group}`: how many addresses of each group take requests.
#[derive(Debug, Clone, Default)]
pub struct EndpointMetrics(Family<GroupLabel, Gauge>);

impl EndpointMetrics {
    /// Adds the gauge to a registry; once per process.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "endpoints_healthy",
            "Addresses of a group that answer and want requests",
            metrics.0.clone(),
        );
        metrics
    }

    fn of(&self, group: &str) -> Gauge {
        self.0.get_or_create_owned(&GroupLabel {
            group: group.to_owned(),
        })
    }
}

/// The addresses of one group, and which of them take requests.
///
/// An address counts as healthy until something says otherwise: a connection that fails ([`Endpoint::failed`]) or a
/// probe ([`Endpoints::start_probing`]), which also brings it back.
pub struct Endpoints {
    group: Arc<str>,
    roster: Arc<Roster>,
    turn: AtomicUsize,
    /// Held while the list is being replaced.
    replacing: Mutex<()>,
    /// Whether probes find out what is back.
    pub(crate) probed: AtomicBool,
}

/// The addresses as they are now, and the gauge that counts the healthy ones.
struct Roster {
    list: ArcSwap<Vec<Arc<Endpoint>>>,
    healthy: Gauge,
}

impl Roster {
    fn count(&self) {
        let healthy = self.list.load().iter().filter(|one| one.is_healthy()).count();
        self.healthy.set(i64::try_from(healthy).unwrap_or(i64::MAX));
    }
}

impl Endpoints {
    /// The addresses of `group`, each as `http://host:port` or `https://host:port`. None at all is allowed: they may
    /// come later.
    pub fn new<U: AsRef<str>>(
        group: &str,
        urls: impl IntoIterator<Item = U>,
        metrics: &EndpointMetrics,
    ) -> Result<Self, EndpointError> {
        let endpoints = Self {
            group: Arc::from(group),
            roster: Arc::new(Roster {
                list: ArcSwap::default(),
                healthy: metrics.of(group),
            }),
            turn: AtomicUsize::new(0),
            replacing: Mutex::new(()),
            probed: AtomicBool::new(false),
        };
        endpoints.replace(urls)?;
        Ok(endpoints)
    }

    /// The group that answers at these addresses.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// From now on these are the addresses; those that stay keep their condition. Nothing changes when one is refused.
    pub fn replace<U: AsRef<str>>(&self, urls: impl IntoIterator<Item = U>) -> Result<(), EndpointError> {
        let mut seen = HashSet::new();
        let mut wanted = Vec::new();
        for url in urls {
            let url: Arc<str> = self.address(url.as_ref())?.into();
            if seen.insert(url.clone()) {
                wanted.push(url);
            }
        }
        let _replacing = self.replacing.lock();
        let present = self.roster.list.load_full();
        let list = wanted.into_iter().map(|url| {
            let stays = present.iter().find(|endpoint| endpoint.url == url);
            stays.cloned().unwrap_or_else(|| self.endpoint(url))
        });
        self.roster.list.store(Arc::new(list.collect()));
        self.roster.count();
        Ok(())
    }

    fn endpoint(&self, url: Arc<str>) -> Arc<Endpoint> {
        Arc::new(Endpoint {
            url,
            condition: AtomicU8::new(Condition::Healthy as u8),
            unanswered: AtomicU8::new(0),
            fell_silent: Notify::new(),
            failing_since: Mutex::new(None),
            tried: Mutex::new(None),
            roster: Arc::downgrade(&self.roster),
        })
    }

    /// The address without what does not belong to it, or why it cannot be one.
    fn address(&self, text: &str) -> Result<String, EndpointError> {
        parse_address(text).map_err(|error| EndpointError {
            group: self.group.as_ref().to_owned(),
            error,
        })
    }

    /// The next address: the healthy ones take turns; while none is healthy, all of them but those that are silent: a
    /// request would only wait there. None when there is no such address.
    pub fn pick(&self) -> Option<Arc<Endpoint>> {
        self.pick_where(|_| true)
    }

    /// Whether a request may go to an address. Not to one that is lost: nobody waits for what will not come, and what is sent
    /// there does not multiply. Probes find out when it is back; where there are none, now and then a request does.
    pub fn may_ask(&self, endpoint: &Endpoint) -> bool {
        if endpoint.is_healthy() || !endpoint.is_lost() {
            return true;
        }
        !self.probed.load(Ordering::Acquire) && endpoint.takes_a_trial()
    }

    /// The next address that is not `tried`: for a second attempt.
    pub fn pick_other(&self, tried: &Endpoint) -> Option<Arc<Endpoint>> {
        self.pick_where(|endpoint| endpoint.url != tried.url)
    }

    fn pick_where(&self, wanted: impl Fn(&Endpoint) -> bool) -> Option<Arc<Endpoint>> {
        let list = self.roster.list.load();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let nth = |fits: &dyn Fn(&Endpoint) -> bool| {
            let count = list.iter().filter(|one| fits(one)).count();
            let place = turn.checked_rem(count)?;
            list.iter().filter(|one| fits(one)).nth(place).cloned()
        };
        nth(&|one| wanted(one) && one.is_healthy()).or_else(|| nth(&|one| wanted(one) && !one.is_silent()))
    }

    /// Whether some address takes requests.
    pub fn any_healthy(&self) -> bool {
        self.roster
            .list
            .load()
            .iter()
            .any(|endpoint| endpoint.is_healthy())
    }

    /// Every address and whether it takes requests.
    pub fn all(&self) -> Vec<(String, bool)> {
        let list = self.roster.list.load();
        list.iter()
            .map(|endpoint| (endpoint.url().to_owned(), endpoint.is_healthy()))
            .collect()
    }

    pub(crate) fn list(&self) -> Arc<Vec<Arc<Endpoint>>> {
        self.roster.list.load_full()
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoints")
            .field("group", &self.group)
            .field("all", &self.all())
            .finish()
    }
}

/// One address of a group.
pub struct Endpoint {
    url: Arc<str>,
    condition: AtomicU8,
    /// Probes without an answer, one after the other.
    unanswered: AtomicU8,
    fell_silent: Notify,
    failing_since: Mutex<Option<Instant>>,
    tried: Mutex<Option<Instant>>,
    roster: Weak<Roster>,
}

impl Endpoint {
    /// As in `http://host:port`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same, for those who keep it.
    pub fn address(&self) -> &Arc<str> {
        &self.url
    }

    /// Whether it takes requests.
    pub fn is_healthy(&self) -> bool {
        self.condition.load(Ordering::Acquire) == Condition::Healthy as u8
    }

    /// Whether it lets itself be connected to and says nothing.
    pub fn is_silent(&self) -> bool {
        self.condition.load(Ordering::Acquire) == Condition::Silent as u8
    }

    /// Whether it has failed for longer than replacing a process takes. One attempt shows whether it is back; more of them
    /// for each request would only multiply what is sent to it.
    pub fn is_lost(&self) -> bool {
        let since = *self.failing_since.lock();
        since.is_some_and(|since| since.elapsed() > REPLACED_WITHIN)
    }

    fn takes_a_trial(&self) -> bool {
        let mut tried = self.tried.lock();
        let is_due = tried.is_none_or(|tried| tried.elapsed() >= TRIAL);
        if is_due {
            *tried = Some(Instant::now());
        }
        is_due
    }

    /// Resolves when it is silent: whoever waits for an answer would wait in vain.
    pub async fn silent(&self) {
        loop {
            let woken = self.fell_silent.notified();
            if self.is_silent() {
                return;
            }
            woken.await;
        }
    }

    /// No connection, or one that broke before an answer: takes it out until a probe or an answer brings it back.
    pub fn failed(&self) {
        self.remember(Condition::Unreachable);
        if self.turn_to(Condition::Unreachable) {
            tracing::warn!(address = self.url(), "an address does not answer and is left out");
        }
    }

    /// It answered: brings it back if it was out because it had failed, not if it wants no requests.
    pub fn answered(&self) {
        let failed = Condition::Unreachable as u8;
        let healthy = Condition::Healthy as u8;
        let swap = self
            .condition
            .compare_exchange(failed, healthy, Ordering::AcqRel, Ordering::Relaxed);
        if swap.is_ok() {
            self.remember(Condition::Healthy);
            self.recount();
        }
    }

    fn remember(&self, condition: Condition) {
        let mut since = self.failing_since.lock();
        match condition {
            Condition::Healthy | Condition::NotReady => *since = None,
            Condition::Unreachable | Condition::Silent => *since = since.or_else(|| Some(Instant::now())),
        }
    }

    /// What a probe found.
    pub(crate) fn probed(&self, found: Condition) {
        let condition = self.judged(found);
        // A busy moment is not the beginning of an absence.
        if found != Condition::Silent || condition == Condition::Silent {
            self.remember(condition);
        }
        if self.turn_to(condition) {
            match condition {
                Condition::Healthy => tracing::info!(address = self.url(), "an address takes requests again"),
                Condition::NotReady => tracing::info!(address = self.url(), "an address wants no requests"),
                Condition::Unreachable | Condition::Silent => {
                    tracing::warn!(
                        address = self.url(),
                        ?condition,
                        "an address does not answer and is left out"
                    );
                }
            }
            self.fell_silent.notify_waiters();
        }
    }

    /// One probe without an answer may be a busy moment: the address is left out if there are others. Only
    /// [`SILENT_AFTER`] of them mean that nothing will come.
    fn judged(&self, found: Condition) -> Condition {
        if found != Condition::Silent {
            self.unanswered.store(0, Ordering::Release);
            return found;
        }
        let before = self.unanswered.fetch_add(1, Ordering::AcqRel);
        match before.saturating_add(1) >= SILENT_AFTER {
            true => {
                self.unanswered.store(SILENT_AFTER, Ordering::Release);
                Condition::Silent
            }
            false => Condition::Unreachable,
        }
    }

    fn turn_to(&self, condition: Condition) -> bool {
        let changed = self.condition.swap(condition as u8, Ordering::AcqRel) != condition as u8;
        if changed {
            self.recount();
        }
        changed
    }

    fn recount(&self) {
        if let Some(roster) = self.roster.upgrade() {
            roster.count();
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({}, healthy: {})", self.url, self.is_healthy())
    }
}
