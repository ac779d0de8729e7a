use crate::MethodInfo;
use kernel::ErrorKind;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};
use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// Where a call was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Location {
    /// In this process.
    Local,
    /// In another process.
    Remote,
    /// Nowhere: the client is not bound.
    Unbound,
    /// In this process, for a caller in another one.
    Served,
}

impl Location {
    const COUNT: usize = 4;

    /// The name in metrics and spans.
    pub fn as_str(self) -> &'static str {
        match self {
            Location::Local => "local",
            Location::Remote => "remote",
            Location::Unbound => "unbound",
            Location::Served => "served",
        }
    }
}

/// How a call ended, as its caller saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// With an answer.
    Ok,
    /// With an error that the caller can do something about.
    Refused,
    /// What was needed is away.
    Unavailable,
    /// No answer before the deadline.
    Timeout,
    /// Our fault.
    Failed,
    /// The caller left before the answer.
    Cancelled,
}

impl Outcome {
    const COUNT: usize = 6;

    /// The name in metrics and spans.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Refused => "refused",
            Outcome::Unavailable => "unavailable",
            Outcome::Timeout => "timeout",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
        }
    }
}

impl From<ErrorKind> for Outcome {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Unavailable => Outcome::Unavailable,
            ErrorKind::Timeout => Outcome::Timeout,
            ErrorKind::Internal => Outcome::Failed,
            _ => Outcome::Refused,
        }
    }
}

/// The upper bounds of the duration histogram in seconds: a local read takes microseconds, a commit milliseconds.
const BUCKETS: [f64; 16] = [
    0.000_01, 0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// A label's text that is shared by all who count under it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Name(pub(crate) Arc<str>);

impl EncodeLabelValue for Name {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        (&*self.0).encode(encoder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    contract: Name,
    method: &'static str,
    location: &'static str,
    outcome: &'static str,
}

/// The metrics of every call that leaves through one [`crate::Seam`].
#[derive(Debug, Clone)]
pub(crate) struct CallMetrics {
    calls: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
}

impl CallMetrics {
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let calls = Family::default();
        let durations: Family<Labels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register("rpc_calls", "Calls over the seam between groups", calls.clone());
        registry.register_with_unit(
            "rpc_call_duration",
            "How long callers waited for calls over the seam",
            Unit::Seconds,
            durations.clone(),
        );
        Self { calls, durations }
    }

    pub(crate) fn method(&self, contract: &Arc<str>, info: &'static MethodInfo) -> MethodMetrics {
        MethodMetrics {
            all: self.clone(),
            contract: contract.clone(),
            info,
            resolved: Default::default(),
        }
    }
}

type Resolved = OnceLock<(Counter, Histogram)>;

/// The metrics of one method of one client: looked up by label once for each way to end, then held.
#[derive(Debug)]
pub(crate) struct MethodMetrics {
    all: CallMetrics,
    contract: Arc<str>,
    info: &'static MethodInfo,
    resolved: [[Resolved; Outcome::COUNT]; Location::COUNT],
}

impl MethodMetrics {
    pub(crate) fn contract(&self) -> &str {
        &self.contract
    }

    pub(crate) fn contract_name(&self) -> Arc<str> {
        self.contract.clone()
    }

    pub(crate) fn info(&self) -> &'static MethodInfo {
        self.info
    }

    pub(crate) fn record(&self, location: Location, outcome: Outcome, duration: Duration) {
        let (calls, durations) = self.resolved[location as usize][outcome as usize]
            .get_or_init(|| self.resolve(location, outcome));
        calls.inc();
        durations.observe(duration.as_secs_f64());
    }

    fn resolve(&self, location: Location, outcome: Outcome) -> (Counter, Histogram) {
        let labels = Labels {
            contract: Name(self.contract.clone()),
            method: self.info.name,
            location: location.as_str(),
            outcome: outcome.as_str(),
        };
        (
            self.all.calls.get_or_create_owned(&labels),
            self.all.durations.get_or_create_owned(&labels),
        )
    }
}
