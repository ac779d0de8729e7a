use super::{EdgeBody, cors::Cors, limits::Allowance};
use crate::{
    Failure,
    routes::Route,
    state::{Identity, InFlight, RequestState, Shared},
};
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    error::InternalError,
    http::{
        Method, StatusCode, Uri,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};
use futures::{FutureExt, future::LocalBoxFuture};
use kernel::{Deadline, ErrorKind, RequestId, TraceContext, UserId};
use std::{
    future::{Ready, ready},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::Instrument;
use trust::TokenError;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const JSON: &[u8] = b"application/json";

/// The middleware around everything that a worker serves.
#[derive(Clone)]
pub(crate) struct Guard(pub(crate) Arc<Shared>);

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
            shared: self.0.clone(),
        }))
    }
}

pub(crate) struct Guarded<S> {
    service: S,
    shared: Arc<Shared>,
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
        let mut passage = Passage::begin(self.shared.clone(), &request);
        if let Err(answer) = passage.admit(&request) {
            let (answer, in_flight) = passage.end(*answer);
            let answer = request
                .into_response(answer)
                .map_body(|_, body| EdgeBody::new(body, in_flight));
            return Box::pin(ready(Ok(answer)));
        }
        if request.method() == Method::HEAD {
            // The answer of GET without its body, which the protocol layer leaves out.
            request.head_mut().method = Method::GET;
        }
        request.extensions_mut().insert(passage.state());
        let span = runtime::telemetry::request_span(passage.method, passage.pattern(), passage.trace);
        let limit = passage.time_limit(request.headers());
        let serving = AssertUnwindSafe(self.service.call(request)).catch_unwind();
        Box::pin(async move {
            let serving = tokio::time::timeout(limit, serving);
            let outcome = match span {
                Some(span) => serving.instrument(span).await,
                None => serving.await,
            };
            let failed = match outcome {
                Ok(Ok(Ok(served))) => {
                    let (request, answer) = served.into_parts();
                    let (answer, in_flight) = passage.end(answer.map_into_boxed_body());
                    return Ok(ServiceResponse::new(request, answer)
                        .map_body(|_, body| EdgeBody::new(body, in_flight)));
                }
                Ok(Ok(Err(error))) => HttpResponse::from_error(error),
                Ok(Err(panic)) => HttpResponse::from_error(panicked(&*panic)),
                Err(_) => HttpResponse::from_error(Failure::new(
                    ErrorKind::Timeout,
                    "no answer in time; the outcome is unknown: ask again with the same idempotency key",
                )),
            };
            let (answer, _) = passage.end(failed);
            Err(InternalError::from_response("already logged", answer).into())
        })
    }
}

/// One request from its arrival to the head of its answer.
struct Passage {
    shared: Arc<Shared>,
    started: Instant,
    in_flight: Option<InFlight>,
    method: &'static str,
    uri: Uri,
    route: Option<Arc<Route>>,
    request_id: RequestId,
    trace: Option<TraceContext>,
    identity: Option<Identity>,
    user: Option<UserId>,
    origin: Option<HeaderValue>,
    allowance: Option<Allowance>,
}

impl Passage {
    fn begin(shared: Arc<Shared>, request: &ServiceRequest) -> Self {
        let headers = request.headers();
        let identity = identity(&shared, headers);
        shared.metrics.in_flight.inc();
        Self {
            started: Instant::now(),
            in_flight: Some(shared.traffic.enter()),
            method: method_label(request.method()),
            uri: request.uri().clone(),
            route: shared.routes.find(request.match_info().as_str()).cloned(),
            request_id: request_id(headers).unwrap_or_else(|| shared.sources.ids().next()),
            trace: headers
                .get("traceparent")
                .and_then(|value| TraceContext::parse(value.to_str().ok()?)),
            user: match &identity {
                Identity::User(user) => Some(user.user),
                _ => None,
            },
            identity: Some(identity),
            origin: shared.edge.cors.allowed(headers),
            allowance: None,
            shared,
        }
    }

    /// Whether the request may go on to its handler; otherwise its answer.
    fn admit(&mut self, request: &ServiceRequest) -> Result<(), Box<HttpResponse>> {
        let headers = request.headers();
        if Cors::is_preflight(request.method(), headers) {
            return Err(Box::new(
                Cors::preflight(self.origin.is_some()).unwrap_or_else(HttpResponse::from_error),
            ));
        }
        let class = self.route.as_ref().and_then(|route| match *request.method() {
            Method::HEAD => route.class(&Method::GET),
            ref method => route.class(method),
        });
        if let (Some(class), Some(identity)) = (class, &self.identity) {
            let address = self.shared.edge.proxies.client(request.peer_addr(), headers);
            match self.shared.edge.limits.count(class, identity, address) {
                Ok(allowance) => self.allowance = allowance,
                Err((failure, allowance)) => {
                    self.allowance = Some(allowance);
                    return Err(Box::new(HttpResponse::from_error(failure)));
                }
            }
        }
        let encodings = headers.get_all(header::CONTENT_ENCODING);
        if encodings
            .into_iter()
            .any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
        {
            let failure = Failure::new(
                ErrorKind::UnsupportedMediaType,
                "send the body as it is, without Content-Encoding",
            );
            return Err(Box::new(HttpResponse::from_error(failure)));
        }
        Ok(())
    }

    fn state(&mut self) -> RequestState {
        let patience = Duration::from_secs(self.shared.settings.http.request_timeout_seconds);
        RequestState {
            request_id: self.request_id,
            trace: self.trace,
            deadline: Deadline::within(patience.min(Deadline::DEFAULT)),
            identity: self.identity.take().unwrap_or(Identity::Anonymous),
            route: self.route.clone(),
            shared: self.shared.clone(),
        }
    }

    fn pattern(&self) -> &str {
        self.route.as_ref().map_or(UNMATCHED, |route| &route.pattern)
    }

    /// The time to begin the answer: what the handler has, and what the client has to send its body.
    fn time_limit(&self, headers: &HeaderMap) -> Duration {
        let http = &self.shared.settings.http;
        let small = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<usize>().ok())
            .is_some_and(|bytes| bytes <= http.body_limit);
        let body = match self.method {
            "GET" | "HEAD" => 0,
            _ if small => http.body_timeout_seconds,
            _ => http.import_timeout_seconds.max(http.body_timeout_seconds),
        };
        Duration::from_secs(http.request_timeout_seconds + body)
    }

    /// Puts the answer into the contract, adds what every answer has, counts it and writes its line.
    fn end(&mut self, answer: HttpResponse<BoxBody>) -> (HttpResponse<BoxBody>, InFlight) {
        let cause = if answer.status().is_server_error() {
            cause_of(&answer)
        } else {
            None
        };
        let mut answer = in_contract(answer);
        self.decorate(&mut answer);
        let took = self.started.elapsed();
        self.count(answer.status(), took);
        self.log(&answer, took, cause.as_deref());
        let in_flight = self.in_flight.take();
        (answer, in_flight.unwrap_or_else(|| self.shared.traffic.enter()))
    }

    fn decorate(&mut self, answer: &mut HttpResponse<BoxBody>) {
        if self.shared.traffic.is_draining() {
            answer
                .head_mut()
                .set_connection_type(actix_web::http::ConnectionType::Close);
        }
        let edge = &self.shared.edge;
        let headers = answer.headers_mut();
        let mut text = Uuid::encode_buffer();
        if let Ok(id) = HeaderValue::from_str(self.request_id.0.hyphenated().encode_lower(&mut text)) {
            headers.insert(REQUEST_ID, id);
        }
        edge.headers.decorate(headers, self.uri.path());
        edge.cors.decorate(headers, self.origin.take());
        if let Some(allowance) = self.allowance.take() {
            allowance.decorate(headers);
        }
    }

    fn count(&self, status: StatusCode, took: Duration) {
        thread_local! {
            static NONE: Arc<str> = UNMATCHED.into();
        }
        let metrics = &self.shared.metrics;
        match &self.route {
            Some(route) => metrics.record(self.method, &route.pattern, status.as_u16(), took),
            None => NONE.with(|none| metrics.record(self.method, none, status.as_u16(), took)),
        }
    }

    fn log(&self, answer: &HttpResponse<BoxBody>, took: Duration, cause: Option<&str>) {
        let bytes = match answer.body().size() {
            BodySize::Sized(bytes) => Some(bytes),
            BodySize::None => Some(0),
            BodySize::Stream => None,
        };
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    target: "web::request",
                    method = self.method,
                    route = self.pattern(),
                    path = self.uri.path(),
                    status = answer.status().as_u16(),
                    duration_ms = milliseconds(took),
                    bytes,
                    request_id = %self.request_id,
                    user_id = self.user.map(tracing::field::display),
                    exception = cause,
                    "request"
                )
            };
        }
        if answer.status().is_server_error() {
            line!(error);
        } else {
            line!(info);
        }
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.shared.metrics.in_flight.dec();
    }
}

/// The label of requests for paths that do not exist: one for all, so that nobody can grow the metrics from outside.
const UNMATCHED: &str = "unmatched";

#[expect(clippy::float_arithmetic, reason = "a duration for people to read, not money")]
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// Known methods by name; whatever else a client makes up is one label.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "OTHER",
    }
}

fn request_id(headers: &HeaderMap) -> Option<RequestId> {
    let sent = headers.get(REQUEST_ID)?;
    Uuid::try_parse_ascii(sent.as_bytes()).ok().map(RequestId)
}

fn identity(shared: &Shared, headers: &HeaderMap) -> Identity {
    let Some(sent) = headers.get(header::AUTHORIZATION) else {
        return Identity::Anonymous;
    };
    let token = sent.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    match token.map(|token| shared.verifier.verify(token)) {
        Some(Ok(user)) => Identity::User(user),
        Some(Err(error)) => Identity::Refused(error),
        None => Identity::Refused(TokenError::Invalid),
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Failure {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    Failure::internal(format!("a handler panicked: {message}"))
}

/// What went wrong, for the log.
fn cause_of(answer: &HttpResponse<BoxBody>) -> Option<String> {
    let error = answer.error()?;
    match error.as_error::<Failure>() {
        Some(failure) => failure.cause_chain(),
        None => Some(error.to_string()),
    }
}

/// An error that does not come from [`Failure`] is put into the contract: actix's own, or a bare status.
fn in_contract(answer: HttpResponse<BoxBody>) -> HttpResponse<BoxBody> {
    let status = answer.status();
    let wrong = status.is_client_error() || status.is_server_error();
    let is_json = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(JSON));
    if !wrong || is_json {
        return answer;
    }
    let mut replaced = HttpResponse::from_error(Failure::of_status(status));
    for (name, value) in answer.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            replaced.headers_mut().append(name.clone(), value.clone());
        }
    }
    replaced
}
