use crate::{
    Failure, HealthSource, ShellError,
    edge::{Edge, Origin, Services},
    extract::Budget,
    forward::{ForwardMetrics, ForwardTable, Guarded},
    metrics::HttpMetrics,
    modules::Modules,
    openapi::Document,
    routes::{Route, RouteTable},
    seam::Calls,
};
use actix_web::{HttpMessage, HttpRequest, guard::GuardContext};
use bytes::Bytes;
use kernel::{
    CallContext, CallError, Deadline, Principal, RequestId, Sources, Tasks, TraceContext, UserPrincipal,
};
use runtime::{Settings, metrics::Registry};
use std::{
    cell::Ref,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use trust::{ServiceCaller, ServiceRefusal, ServiceVerifier, TokenError, TokenVerifier};

/// What every worker of a shell shares.
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) verifier: Arc<TokenVerifier>,
    pub(crate) services: Arc<ServiceVerifier>,
    pub(crate) calls: Calls,
    pub(crate) registry: Registry,
    pub(crate) metrics: HttpMetrics,
    pub(crate) sources: Sources,
    pub(crate) tasks: Tasks,
    pub(crate) health: Arc<dyn HealthSource>,
    pub(crate) routes: RouteTable,
    pub(crate) services_at_root: Services,
    pub(crate) edge: Edge,
    pub(crate) document: Document,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) bodies: Budget,
    pub(crate) modules: Modules,
    pub(crate) forward: Arc<ForwardTable>,
    pub(crate) guarded: Guarded,
    pub(crate) forwarded: ForwardMetrics,
}

impl Shared {
    /// The merged description of everything that is served, as JSON.
    pub(crate) fn openapi(&self) -> Result<Bytes, ShellError> {
        self.document.text(|path| self.modules.serve(path))
    }
}

/// How many requests are in flight, and whether the process is on its way out.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    in_flight: AtomicUsize,
    draining: AtomicBool,
    leaving: CancellationToken,
    idle: Notify,
}

impl Traffic {
    pub(crate) fn enter(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(self.clone())
    }

    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Cuts what has no end of its own: the process stops now.
    pub(crate) fn leave(&self) {
        self.leaving.cancel();
    }

    /// Resolves when what has no end of its own is to be cut.
    pub(crate) fn leaving(&self) -> WaitForCancellationFutureOwned {
        self.leaving.clone().cancelled_owned()
    }

    /// Resolves when no request is in flight.
    pub(crate) async fn idle(&self) {
        loop {
            let woken = self.idle.notified();
            if self.in_flight.load(Ordering::Acquire) == 0 {
                return;
            }
            woken.await;
        }
    }
}

/// One request in flight, until its answer is written or given up.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Traffic>);

impl Drop for InFlight {
    fn drop(&mut self) {
        if self.0.in_flight.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}

/// Who asks, as far as the token says.
#[derive(Debug, Clone)]
pub(crate) enum Identity {
    Anonymous,
    User(UserPrincipal),
    Refused(TokenError),
    /// Another process, at the seam.
    Service(Arc<ServiceCaller>),
    /// Nobody who may call over the seam.
    Foreign(ServiceRefusal),
}

/// What the edge found out about a request, for the extractors.
pub(crate) struct RequestState {
    pub(crate) request_id: RequestId,
    pub(crate) trace: Option<TraceContext>,
    pub(crate) deadline: Deadline,
    pub(crate) identity: Identity,
    pub(crate) origin: Origin,
    pub(crate) route: Option<Arc<Route>>,
    /// The values of the path's parameters, where a short path stands for it.
    pub(crate) parameters: Vec<String>,
    pub(crate) shared: Arc<Shared>,
}

impl RequestState {
    /// What the edge left for a request. A route that is served outside the shell has none: our mistake, 500.
    pub(crate) fn with<T>(
        request: &HttpRequest,
        read: impl FnOnce(&RequestState) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match request.extensions().get::<RequestState>() {
            Some(state) => read(state),
            None => Err(Failure::internal("the route is served outside the shell")),
        }
    }

    /// The route of a request whose handler is looked for, if the route table knows it.
    pub(crate) fn route_of<'a>(context: &GuardContext<'a>) -> Option<Ref<'a, Route>> {
        let known = context.req_data();
        Ref::filter_map(known, |known| known.get::<RequestState>()?.route.as_deref()).ok()
    }

    /// The context of the call; a token that is no good is refused, none at all is not.
    pub(crate) fn context(&self) -> Result<CallContext, Failure> {
        let principal = match &self.identity {
            Identity::Anonymous => Principal::Anonymous,
            Identity::User(user) => Principal::User(user.clone()),
            Identity::Refused(error) => return Err(Failure::from(*error)),
            // The seam makes its contexts itself: behind it are no handlers of groups.
            Identity::Service(_) | Identity::Foreign(_) => return Err(CallError::Unauthenticated.into()),
        };
        Ok(self.context_of(principal))
    }

    /// The context of a call by this principal.
    pub(crate) fn context_of(&self, principal: Principal) -> CallContext {
        CallContext::at_edge(principal, self.request_id, self.trace).with_deadline(self.deadline)
    }
}
