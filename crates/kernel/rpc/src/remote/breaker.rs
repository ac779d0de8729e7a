use super::policy::BreakerPolicy;
use kernel::Deadline;
use parking_lot::Mutex;
use prometheus_client::metrics::gauge::Gauge;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Stops sending to a target that does not answer, and finds out when it does again.
pub(super) struct Breaker {
    target: Arc<str>,
    policy: BreakerPolicy,
    state: Mutex<State>,
    gauge: Gauge,
}

enum State {
    Closed {
        since: Instant,
        attempts: u32,
        failures: u32,
    },
    Open {
        until: Instant,
        openings: u32,
    },
    /// One attempt is under way to find out.
    HalfOpen {
        openings: u32,
    },
}

impl State {
    fn closed() -> Self {
        State::Closed {
            since: Instant::now(),
            attempts: 0,
            failures: 0,
        }
    }

    fn as_gauge(&self) -> i64 {
        match self {
            State::Closed { .. } => 0,
            State::HalfOpen { .. } => 1,
            State::Open { .. } => 2,
        }
    }
}

/// The leave to make one attempt. What it is dropped with decides how the attempt counts: nothing when its caller
/// left, failed when its deadline was over.
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    begun: Instant,
    deadline: Deadline,
    verdict: Option<Verdict>,
}

#[derive(Clone, Copy)]
enum Verdict {
    Answered,
    Failed,
    /// Says nothing about the target.
    Open,
}

impl Breaker {
    pub(super) fn new(target: Arc<str>, policy: BreakerPolicy, gauge: Gauge) -> Self {
        gauge.set(0);
        Self {
            target,
            policy,
            state: Mutex::new(State::closed()),
            gauge,
        }
    }

    /// Leave to make an attempt, or none while the target is left alone.
    pub(super) fn admit(&self, deadline: Deadline) -> Option<Pass<'_>> {
        let begun = Instant::now();
        let mut state = self.state.lock();
        match *state {
            State::Closed { .. } => {}
            State::Open { until, openings } if until <= begun => {
                self.turn(&mut state, State::HalfOpen { openings });
            }
            State::Open { .. } | State::HalfOpen { .. } => return None,
        }
        drop(state);
        Some(Pass {
            breaker: self,
            begun,
            deadline,
            verdict: None,
        })
    }

    /// Whether nothing but an attempt to find out is sent.
    pub(super) fn is_open(&self) -> bool {
        !matches!(*self.state.lock(), State::Closed { .. })
    }

    fn count(&self, verdict: Verdict) {
        let mut state = self.state.lock();
        let next = match (&mut *state, verdict) {
            (
                State::Closed {
                    since,
                    attempts,
                    failures,
                },
                Verdict::Answered | Verdict::Failed,
            ) => {
                if since.elapsed() > self.policy.window {
                    (*since, *attempts, *failures) = (Instant::now(), 0, 0);
                }
                *attempts = attempts.saturating_add(1);
                *failures = failures.saturating_add(u32::from(matches!(verdict, Verdict::Failed)));
                let many = *failures >= self.policy.failures;
                let share =
                    u64::from(*failures) * 100 >= u64::from(*attempts) * u64::from(self.policy.percent);
                if !(many && share) {
                    return;
                }
                self.opened(1)
            }
            (State::HalfOpen { .. }, Verdict::Answered) => State::closed(),
            (State::HalfOpen { openings }, Verdict::Failed) => self.opened(openings.saturating_add(1)),
            (State::HalfOpen { openings }, Verdict::Open) => State::Open {
                until: Instant::now(),
                openings: *openings,
            },
            // An attempt from before it opened: the one that tries decides.
            (State::Closed { .. } | State::Open { .. }, _) => return,
        };
        self.turn(&mut state, next);
    }

    fn opened(&self, openings: u32) -> State {
        let factor = 1_u32.checked_shl(openings - 1).unwrap_or(u32::MAX);
        let span = self
            .policy
            .open_for
            .saturating_mul(factor)
            .min(self.policy.open_limit);
        State::Open {
            until: Instant::now() + span,
            openings,
        }
    }

    fn turn(&self, state: &mut State, next: State) {
        self.gauge.set(next.as_gauge());
        match (&*state, &next) {
            (State::Closed { .. }, State::Open { .. }) => tracing::warn!(
                group = &*self.target,
                "too many calls to another process fail: it is left alone for a while"
            ),
            (_, State::Closed { .. }) => {
                tracing::info!(group = &*self.target, "another process answers again");
            }
            _ => {}
        }
        *state = next;
    }
}

impl Pass<'_> {
    /// The target answered.
    pub(super) fn answered(mut self) {
        self.verdict = Some(Verdict::Answered);
    }

    /// The target did not.
    pub(super) fn failed(mut self) {
        self.verdict = Some(Verdict::Failed);
    }

    /// What happened says nothing about the target.
    pub(super) fn unused(mut self) {
        self.verdict = Some(Verdict::Open);
    }

    fn without_verdict(&self) -> Verdict {
        let cut = self.deadline.remaining() == Duration::ZERO;
        match cut && self.begun.elapsed() >= self.breaker.policy.patience {
            true => Verdict::Failed,
            false => Verdict::Open,
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let verdict = self.verdict.unwrap_or_else(|| self.without_verdict());
        self.breaker.count(verdict);
    }
}
