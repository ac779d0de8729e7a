use crate::metrics::Name;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Target {
    target: Name,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Attempt {
    target: Name,
    outcome: &'static str,
}

/// What happens on the way to other processes, by target.
#[derive(Debug, Clone)]
pub(crate) struct RemoteMetrics {
    attempts: Family<Attempt, Counter>,
    retries: Family<Target, Counter>,
    withheld: Family<Target, Counter>,
    breaker: Family<Target, Gauge>,
}

/// The metrics of one target.
#[derive(Debug)]
pub(super) struct TargetMetrics {
    /// Attempts that were answered.
    pub(super) answered: Counter,
    /// Attempts that were not.
    pub(super) failed: Counter,
    /// Attempts beyond the first.
    pub(super) retries: Counter,
    /// Attempts beyond the first that the budget did not allow.
    pub(super) withheld: Counter,
    /// 0 closed, 1 half open, 2 open.
    pub(super) breaker: Gauge,
}

impl RemoteMetrics {
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            attempts: Family::default(),
            retries: Family::default(),
            withheld: Family::default(),
            breaker: Family::default(),
        };
        registry.register(
            "rpc_attempts",
            "Requests that were sent to other processes",
            metrics.attempts.clone(),
        );
        registry.register(
            "rpc_retries",
            "Requests to other processes that were sent again",
            metrics.retries.clone(),
        );
        registry.register(
            "rpc_retries_withheld",
            "Requests to other processes that were not sent again because the retry budget was spent",
            metrics.withheld.clone(),
        );
        registry.register(
            "rpc_breaker_state",
            "Whether requests are sent to the target: 0 all, 1 one to try, 2 none",
            metrics.breaker.clone(),
        );
        metrics
    }

    pub(super) fn of(&self, target: &Arc<str>) -> TargetMetrics {
        let attempts = |outcome| {
            self.attempts.get_or_create_owned(&Attempt {
                target: Name(target.clone()),
                outcome,
            })
        };
        let target = Target {
            target: Name(target.clone()),
        };
        TargetMetrics {
            answered: attempts("answered"),
            failed: attempts("failed"),
            retries: self.retries.get_or_create_owned(&target),
            withheld: self.withheld.get_or_create_owned(&target),
            breaker: self.breaker.get_or_create_owned(&target),
        }
    }
}
