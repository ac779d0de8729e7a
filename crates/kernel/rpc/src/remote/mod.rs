//! The way to another process: what is sent, when it is sent again, and when it is not sent at all.

mod attempt;
mod breaker;
mod budget;
mod client;
mod document;
mod metrics;
mod policy;
mod stream;
mod token;

pub(crate) use attempt::{Heard, Question};
pub use client::ClientFactory;
pub(crate) use metrics::RemoteMetrics;
pub use policy::{BreakerPolicy, RemotePolicy};
pub use token::TokenSource;

use crate::{Endpoint, Endpoints, Mode, Seam, causes::Causes};
use attempt::AttemptFailure;
use breaker::Breaker;
use budget::RetryBudget;
use kernel::{CallError, Sources};
use metrics::TargetMetrics;
use serde::de::DeserializeOwned;
use std::{fmt, sync::Arc, time::Duration};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until, timeout_at},
};

/// What a [`Remote`] is made of.
pub struct RemoteParts<'a> {
    /// The group that answers.
    pub group: &'a str,
    /// Where it does.
    pub endpoints: Arc<Endpoints>,
    /// What proves who calls and for whom.
    pub tokens: Arc<dyn TokenSource>,
    /// Makes the HTTP client of a thread.
    pub client: ClientFactory,
    /// Retries, limits, and when to stop.
    pub policy: RemotePolicy,
    /// Where the randomness of pauses comes from.
    pub sources: Sources,
    /// The seam that the calls leave through: counts what happens on the way.
    pub seam: &'a Seam,
}

/// A group in another process: what clients are bound to so that their calls go there.
///
/// One for each target group of a process, for all contracts of the group: retry budget, breaker and limit are shared.
/// Whatever is no answer of the seam, from a refused connection to a page of a proxy, is
/// [`CallError::DependencyUnavailable`] for the caller and stands in the log with its cause.
pub struct Remote {
    group: Arc<str>,
    endpoints: Arc<Endpoints>,
    tokens: Arc<dyn TokenSource>,
    client: ClientFactory,
    policy: RemotePolicy,
    sources: Sources,
    budget: RetryBudget,
    breaker: Breaker,
    limit: Semaphore,
    metrics: TargetMetrics,
}

impl Remote {
    /// The way to a group.
    pub fn new(parts: RemoteParts<'_>) -> Self {
        let group: Arc<str> = Arc::from(parts.group);
        let metrics = parts.seam.remote_metrics().of(&group);
        let permits = parts.policy.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            budget: RetryBudget::new(&parts.policy),
            breaker: Breaker::new(
                group.clone(),
                parts.policy.breaker.clone(),
                metrics.breaker.clone(),
            ),
            limit: Semaphore::new(permits),
            group,
            endpoints: parts.endpoints,
            tokens: parts.tokens,
            client: parts.client,
            policy: parts.policy,
            sources: parts.sources,
            metrics,
        }
    }

    /// The group that answers.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The addresses at which it does.
    pub fn endpoints(&self) -> &Arc<Endpoints> {
        &self.endpoints
    }

    /// Whether calls are sent: some address takes requests, and not so many calls failed that it is left alone.
    pub fn is_reachable(&self) -> bool {
        self.endpoints.any_healthy() && !self.breaker.is_open()
    }

    /// Asks until there is an answer or no sense in asking again, and no longer than until the deadline.
    pub(crate) async fn hear(&self, question: &Question<'_>) -> Result<Heard, CallError> {
        let asking = self.ask(question);
        // A read is dropped at its deadline by whoever waits for it; for an effect somebody always waits.
        match question.method.mode {
            Mode::Read | Mode::Idempotent => asking.await,
            Mode::Effect => timeout_at(question.cx.deadline.instant(), asking)
                .await
                .unwrap_or_else(|_| Err(self.timeout())),
        }
    }

    async fn ask(&self, question: &Question<'_>) -> Result<Heard, CallError> {
        // Only the first hop asks again: if every hop did, trouble at the end of a chain would multiply.
        let first_hop = question.cx.depth <= 1;
        if self.policy.ask_twice && first_hop {
            drop(self.ask_again_and_again(question, first_hop).await);
        }
        let heard = self.ask_again_and_again(question, first_hop).await;
        heard.map_err(|failure| self.unheard(question, failure))
    }

    async fn ask_again_and_again(
        &self,
        question: &Question<'_>,
        may_ask_again: bool,
    ) -> Result<Heard, AttemptFailure> {
        let deadline = question.cx.deadline.instant();
        let Ok(Ok(_permit)) = timeout_at(deadline, self.limit.acquire()).await else {
            return Err(AttemptFailure::Late);
        };
        self.budget.deposit();
        let mut tried = None;
        let mut attempts = 1;
        loop {
            let heard = self.attempt(question, &mut tried).await;
            let may_pass = heard
                .as_ref()
                .map_or_else(AttemptFailure::is_the_targets, Heard::may_pass);
            if !may_pass || !may_ask_again || attempts >= self.policy.attempts {
                return heard;
            }
            let next = Instant::now() + self.pause(attempts);
            if next >= deadline {
                return heard;
            }
            if !self.budget.withdraw(Instant::now()) {
                self.metrics.withheld.inc();
                return heard;
            }
            sleep_until(next).await;
            self.metrics.retries.inc();
            attempts += 1;
        }
    }

    async fn attempt(
        &self,
        question: &Question<'_>,
        tried: &mut Option<Arc<Endpoint>>,
    ) -> Result<Heard, AttemptFailure> {
        let pass = self.breaker.admit(question.cx.deadline);
        let pass = pass.ok_or(AttemptFailure::LeftAlone)?;
        let other = tried.as_ref().and_then(|tried| self.endpoints.pick_other(tried));
        let Some(endpoint) = other.or_else(|| self.endpoints.pick()) else {
            pass.unused();
            return Err(AttemptFailure::NoAddress);
        };
        if !self.endpoints.may_ask(&endpoint) {
            pass.unused();
            return Err(AttemptFailure::LeftAlone);
        }
        let heard = self.exchange(question, &endpoint).await;
        match &heard {
            Ok(_) => {
                pass.answered();
                endpoint.answered();
                self.metrics.answered.inc();
            }
            Err(failure) => {
                match failure.is_the_targets() {
                    true => pass.failed(),
                    false => pass.unused(),
                }
                if failure.is_connection() {
                    endpoint.failed();
                }
                self.metrics.failed.inc();
            }
        }
        *tried = Some(endpoint);
        heard
    }

    /// Between half and all of the pause that is due, so that callers who failed together do not come back together.
    fn pause(&self, attempts: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempts - 1).unwrap_or(u32::MAX);
        let whole = self
            .policy
            .backoff
            .saturating_mul(factor)
            .min(self.policy.backoff_limit);
        let share = u32::from(u16::from_le_bytes(self.sources.random()));
        whole / 2 + (whole / 2).saturating_mul(share) / u32::from(u16::MAX)
    }

    /// What the caller is told when there is no answer; the log is told why.
    fn unheard(&self, question: &Question<'_>, failure: AttemptFailure) -> CallError {
        match &failure {
            AttemptFailure::NoToken(error) => return error.clone(),
            AttemptFailure::Late => return self.timeout(),
            AttemptFailure::LogInEnded => return CallError::Unauthenticated,
            AttemptFailure::LeftAlone => {}
            AttemptFailure::Misconfigured(_) => tracing::error!(
                group = &*self.group,
                path = question.path,
                request_id = %question.cx.request_id,
                cause = %Causes(&failure),
                "a call to another process is refused: the two are not set up for each other"
            ),
            _ => tracing::warn!(
                group = &*self.group,
                path = question.path,
                request_id = %question.cx.request_id,
                cause = %Causes(&failure),
                "a call to another process was not answered"
            ),
        }
        self.away()
    }

    /// What was answered, or that the group is away when it cannot be read: it is not the group that we know.
    pub(crate) fn decoded<T: DeserializeOwned>(
        &self,
        question: &Question<'_>,
        json: &[u8],
    ) -> Result<T, CallError> {
        serde_json::from_slice(json).map_err(|error| {
            tracing::error!(
                group = &*self.group,
                contract = question.contract,
                method = question.method.name,
                request_id = %question.cx.request_id,
                %error,
                "the answer of another process cannot be read: run versions that know each other"
            );
            self.away()
        })
    }

    /// Another form of answer than the method has.
    pub(crate) fn other_form(&self, question: &Question<'_>) -> CallError {
        tracing::error!(
            group = &*self.group,
            path = question.path,
            request_id = %question.cx.request_id,
            "another process answers a stream where an answer is due, or the other way round: run versions that \
             know each other"
        );
        self.away()
    }

    pub(crate) fn away(&self) -> CallError {
        CallError::DependencyUnavailable {
            target: self.group.as_ref().to_owned(),
        }
    }

    fn timeout(&self) -> CallError {
        CallError::Timeout {
            target: self.group.as_ref().to_owned(),
        }
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("group", &self.group)
            .field("endpoints", &self.endpoints)
            .finish()
    }
}
