use super::{EdgeBody, Unread, passage::Passage};
use crate::{
    Failure,
    forward::{Decision, Forwarder, decide},
    state::{RequestState, Shared},
};
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    error::InternalError,
    http::Method,
};
use futures::{
    FutureExt, TryFutureExt,
    future::{Either, LocalBoxFuture, MapOk},
};
use kernel::ErrorKind;
use std::{
    future::{Ready, ready},
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::Arc,
};
use tracing::Instrument;

/// The middleware around everything that a worker serves.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) shared: Arc<Shared>,
    /// The listener for calls alone.
    pub(crate) internal: Option<SocketAddr>,
}

impl<S, B> Transform<S, ServiceRequest> for Guard
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EdgeBody>;
    type Error = Error;
    type Transform = Guarded<S>;
    type InitError = ();
    type Future = Ready<Result<Guarded<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Guarded {
            service,
            forwarder: Forwarder::new(self.shared.clone()),
            guard: self.clone(),
        }))
    }
}

pub(crate) struct Guarded<S> {
    service: S,
    forwarder: Forwarder,
    guard: Guard,
}

impl<S, B> Service<ServiceRequest> for Guarded<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EdgeBody>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let unread = Unread::of(&mut request);
        let mut passage = Passage::begin(&self.guard, &mut request);
        if let Err(answer) = passage.admit(&request) {
            let (answer, in_flight) = passage.end(*answer);
            let answer = request
                .into_response(answer)
                .map_body(|_, body| EdgeBody::new(body, in_flight, unread));
            return Box::pin(ready(Ok(answer)));
        }
        request.extensions_mut().insert(passage.state());
        let span = passage.span();
        let limit = passage.time_limit(request.headers());
        let serving = AssertUnwindSafe(self.serve(request)).catch_unwind();
        Box::pin(async move {
            let serving = tokio::time::timeout(limit, serving);
            let outcome = match span {
                Some(span) => serving.instrument(span).await,
                None => serving.await,
            };
            let failed = match outcome {
                Ok(Ok(Ok(served))) => {
                    let (request, answer) = served.into_parts();
                    let (answer, in_flight) = passage.end(answer);
                    return Ok(ServiceResponse::new(request, answer)
                        .map_body(|_, body| EdgeBody::new(body, in_flight, unread)));
                }
                Ok(Ok(Err(error))) => HttpResponse::from_error(error),
                Ok(Err(panic)) => HttpResponse::from_error(panicked(&*panic)),
                Err(_) => HttpResponse::from_error(Failure::new(
                    ErrorKind::Timeout,
                    "no answer in time; the outcome is unknown: ask again with the same idempotency key",
                )),
            };
            let (answer, in_flight) = passage.end(failed);
            let answer = answer.map_body(|_, body| EdgeBody::new(body, in_flight, unread).boxed());
            Err(InternalError::from_response("already logged", answer).into())
        })
    }
}

/// An answer on its way: of this process, or of another.
type Serving<F, B> = Either<
    MapOk<F, fn(ServiceResponse<B>) -> ServiceResponse<BoxBody>>,
    LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, Error>>,
>;

impl<S, B> Guarded<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    /// Passes the request on to its handler, or forwards it to the process that has the handler.
    fn serve(&self, mut request: ServiceRequest) -> Serving<S::Future, B> {
        match decide(&request) {
            Decision::Here => {
                if request.method() == Method::HEAD {
                    // The answer of GET without its body, which the protocol layer leaves out.
                    request.head_mut().method = Method::GET;
                }
                stand_in(&mut request);
                let served = self.service.call(request);
                Either::Left(served.map_ok(ServiceResponse::map_into_boxed_body as fn(_) -> _))
            }
            decision => {
                let answered = self.forwarder.clone().answer(decision, request);
                Either::Right(answered.map(Ok).boxed_local())
            }
        }
    }
}

/// Lets the handler be looked for by a short path; [`crate::Path`] reads the values of the real one.
fn stand_in(request: &mut ServiceRequest) {
    let short = {
        let mut extensions = request.extensions_mut();
        let Some(state) = extensions.get_mut::<RequestState>() else {
            return;
        };
        let Some(stand_in) = state.route.as_ref().and_then(|route| route.stand_in.as_ref()) else {
            return;
        };
        state.parameters = stand_in.values(request.match_info().as_str());
        stand_in.uri.clone()
    };
    request.match_info_mut().get_mut().update(&short);
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Failure {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    Failure::internal(format!("a handler panicked: {message}"))
}
