use crate::{
    ContractError, Outcome, Seam,
    bound::Bound,
    metrics::{Location, MethodMetrics},
};
use kernel::{CallContext, CallError, Deadline, Fault};
use std::{future::Future, pin::Pin, sync::Arc};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};
use tracing::{Instrument, Span};

/// What an implementation answers with: the future that `async_trait` makes.
pub type Answer<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// A call that has begun.
pub struct Call<'a, S: ?Sized> {
    /// Where it goes.
    pub target: Arc<Bound<S>>,
    /// What the callee is told: one level deeper, with the deadline of the next hop. A call that came over a wire
    /// already is.
    pub cx: CallContext,
    /// Counts it, however it ends.
    pub recording: Recording<'a>,
}

/// Sees a call to its end: sets the deadline, counts and times the outcome. Dropped before that, it counts a
/// cancelled call.
pub struct Recording<'a> {
    seam: &'a Seam,
    group: &'a Arc<str>,
    method: &'a MethodMetrics,
    started: Instant,
    location: Location,
    span: Option<Span>,
    ended: bool,
}

impl<'a> Recording<'a> {
    pub(crate) fn new(
        seam: &'a Seam,
        group: &'a Arc<str>,
        method: &'a MethodMetrics,
        started: Instant,
    ) -> Self {
        Self {
            seam,
            group,
            method,
            started,
            location: Location::Unbound,
            span: None,
            ended: false,
        }
    }

    /// Says where the call goes. Only a sampled call gets a span: one costs more than the call itself.
    pub(crate) fn answered_at(&mut self, location: Location, cx: &CallContext) {
        self.location = location;
        if cx.trace.is_some_and(|trace| trace.sampled) {
            self.span = Some(self.span_of(cx));
        }
    }

    fn span_of(&self, cx: &CallContext) -> Span {
        tracing::info_span!(
            "rpc",
            otel.name = %format_args!("{}/{}", self.method.contract(), self.method.info().name),
            rpc.contract = self.method.contract(),
            rpc.method = self.method.info().name,
            rpc.mode = self.method.info().mode.as_str(),
            rpc.location = self.location.as_str(),
            rpc.outcome = tracing::field::Empty,
            rpc.depth = cx.depth,
            request_id = %cx.request_id,
        )
    }

    pub(crate) fn refused(self, error: CallError) -> CallError {
        self.end(Outcome::from(error.kind()));
        error
    }

    /// Waits for a read until the deadline; then, or when the caller leaves, the read is dropped.
    pub async fn read<T, E: ContractError>(
        self,
        deadline: Deadline,
        answer: Answer<'_, T, E>,
    ) -> Result<T, E> {
        let within = timeout_at(deadline.instant(), answer);
        let answer = match self.span.clone() {
            None => within.await,
            Some(span) => within.instrument(span).await,
        };
        let answer = answer.unwrap_or_else(|_| Err(self.timeout()));
        self.end_with(answer)
    }

    /// Waits for an effect until the deadline. The effect itself runs to its end, whoever still waits.
    pub async fn effect<T, E, F>(self, deadline: Deadline, effect: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: ContractError,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let answer = self.start(effect);
        let answer = match timeout_at(deadline.instant(), answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(CallError::internal("the effect ended without an answer").into()),
            Err(_) => Err(self.timeout()),
        };
        self.end_with(answer)
    }

    fn start<T, E, F>(&self, effect: F) -> oneshot::Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: ContractError,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let contract = self.method.contract_name();
        let method = self.method.info().name;
        let run = async move {
            if let Err(answer) = sender.send(effect.await) {
                report_unheard(&contract, method, &answer);
            }
        };
        match self.span.clone() {
            None => self.seam.spawn(run),
            Some(span) => self.seam.spawn(run.instrument(span)),
        }
        receiver
    }

    fn timeout<E: ContractError>(&self) -> E {
        CallError::Timeout {
            target: self.group.as_ref().to_owned(),
        }
        .into()
    }

    fn end_with<T, E: ContractError>(self, answer: Result<T, E>) -> Result<T, E> {
        let outcome = match &answer {
            Ok(_) => Outcome::Ok,
            Err(error) => Outcome::from(error.kind()),
        };
        self.end(outcome);
        answer
    }

    fn end(mut self, outcome: Outcome) {
        self.record(outcome);
    }

    fn record(&mut self, outcome: Outcome) {
        self.ended = true;
        if let Some(span) = &self.span {
            span.record("rpc.outcome", outcome.as_str());
        }
        self.method.record(self.location, outcome, self.started.elapsed());
    }
}

impl Drop for Recording<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.record(Outcome::Cancelled);
        }
    }
}

/// Nobody hears how this effect ended, so the log must.
fn report_unheard<T, E: ContractError>(contract: &str, method: &'static str, answer: &Result<T, E>) {
    match answer {
        Ok(_) => tracing::debug!(contract, method, "an effect was done after its caller had left"),
        Err(error) => tracing::warn!(
            contract,
            method,
            code = %error.code(),
            error = error as &dyn std::error::Error,
            "an effect failed after its caller had left"
        ),
    }
}
