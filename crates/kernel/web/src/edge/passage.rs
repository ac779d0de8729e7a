use super::{cors::Cors, hop::Origin, identity::identify, limits::Allowance, middleware::Guard};
use crate::{
    Failure,
    routes::Route,
    seam::{self, Door},
    state::{Identity, InFlight, RequestState, Shared},
};
use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::ServiceRequest,
    http::{
        Method, StatusCode, Uri,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};
use kernel::{CallError, Deadline, ErrorKind, RequestId, TraceContext, UserId};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use trust::{ServiceCaller, ServiceRefusal};
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The mark of every answer to an administrator who acts as somebody else: who that is.
const IMPERSONATOR: HeaderName = HeaderName::from_static("x-impersonated-by");
const JSON: &[u8] = b"application/json";

/// One request from its arrival to the head of its answer.
pub(super) struct Passage {
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
    impersonator: Option<UserId>,
    caller: Option<Arc<ServiceCaller>>,
    door: Door,
    origin: Origin,
    page: Option<HeaderValue>,
    allowance: Option<Allowance>,
}

impl Passage {
    pub(super) fn begin(guard: &Guard, request: &mut ServiceRequest) -> Self {
        let shared = guard.shared.clone();
        let door = Door::of(
            request.match_info().as_str(),
            request.app_config().local_addr(),
            guard.internal,
        );
        // As it was sent, for the log.
        let uri = request.uri().clone();
        let found = match shared.routes.find(request.match_info().as_str()) {
            None => shared.services_at_root.strip(&shared.routes, request),
            found => found,
        };
        let route = found.filter(|_| door != Door::Shut).cloned();
        let peer = request.peer_addr();
        let origin = Origin::take(&shared.edge, route.as_deref(), peer, request.headers_mut());
        let headers = request.headers();
        let identity = identify(&shared, door, request.match_info().as_str(), headers);
        shared.metrics.in_flight.inc();
        Self {
            started: Instant::now(),
            in_flight: Some(shared.traffic.enter()),
            method: method_label(request.method()),
            uri,
            route,
            request_id: told_id(&origin, headers).unwrap_or_else(|| shared.sources.ids().next()),
            trace: headers
                .get("traceparent")
                .and_then(|value| TraceContext::parse(value.to_str().ok()?)),
            user: match &identity {
                Identity::User(user) => Some(user.user),
                Identity::Service(caller) => caller.principal.user().map(|user| user.user),
                _ => None,
            },
            impersonator: match &identity {
                Identity::User(user) => user.impersonator.map(|by| by.user),
                _ => None,
            },
            caller: match &identity {
                Identity::Service(caller) => Some(caller.clone()),
                _ => None,
            },
            identity: Some(identity),
            page: match door {
                Door::Public => shared.edge.cors.allowed(headers),
                _ => None,
            },
            door,
            origin,
            allowance: None,
            shared,
        }
    }

    /// Whether the request may go on to its handler; otherwise its answer.
    pub(super) fn admit(&mut self, request: &ServiceRequest) -> Result<(), Box<HttpResponse>> {
        match self.door {
            Door::Public => self.admit_client(request)?,
            Door::Seam => self.admit_service(request)?,
            Door::Shut => return Err(refusal(Failure::not_found())),
        }
        let mut encodings = request.headers().get_all(header::CONTENT_ENCODING);
        if encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(refusal(Failure::new(
                ErrorKind::UnsupportedMediaType,
                "send the body as it is, without Content-Encoding",
            )));
        }
        Ok(())
    }

    /// At the seam one proves oneself first of all.
    fn admit_service(&self, request: &ServiceRequest) -> Result<(), Box<HttpResponse>> {
        let Some(Identity::Foreign(wrong)) = &self.identity else {
            return Ok(());
        };
        tracing::warn!(
            target: "web::seam",
            path = self.uri.path(),
            peer = request.peer_addr().map(tracing::field::display),
            reason = wrong.reason(),
            request_id = %self.request_id,
            "a call was refused"
        );
        let mut answer = refusal(Failure::from(wrong.clone()));
        if *wrong == ServiceRefusal::Revoked {
            seam::mark_refused(&mut answer);
        }
        Err(answer)
    }

    fn admit_client(&mut self, request: &ServiceRequest) -> Result<(), Box<HttpResponse>> {
        if Cors::is_preflight(request.method(), request.headers()) {
            return Err(Box::new(
                Cors::preflight(self.page.is_some()).unwrap_or_else(HttpResponse::from_error),
            ));
        }
        self.admit_scope(request.method())?;
        if self.origin.limited {
            return Ok(());
        }
        let class = self.route.as_ref().and_then(|route| match *request.method() {
            Method::HEAD => route.class(&Method::GET),
            ref method => route.class(method),
        });
        if let (Some(class), Some(identity)) = (class, &self.identity) {
            match self.shared.edge.limits.count(class, identity, self.origin.client) {
                Ok(allowance) => self.allowance = allowance,
                Err((failure, allowance)) => {
                    self.allowance = Some(allowance);
                    return Err(refusal(failure));
                }
            }
            self.origin.limited = self.allowance.is_some();
        }
        Ok(())
    }

    /// An API key reaches what it was made for: reading or writing with one group.
    fn admit_scope(&self, method: &Method) -> Result<(), Box<HttpResponse>> {
        let (Some(Identity::User(user)), Some(route)) = (&self.identity, &self.route) else {
            return Ok(());
        };
        let (Some(group), true) = (route.group, user.scopes.is_some()) else {
            return Ok(());
        };
        let verb = if method.is_safe() { "read" } else { "write" };
        let scope = format!("{group}.{verb}");
        match user.reaches(&scope) {
            true => Ok(()),
            false => Err(refusal(Failure::from(CallError::forbidden(scope)))),
        }
    }

    pub(super) fn state(&mut self) -> RequestState {
        let patience = Duration::from_secs(self.shared.settings.http.request_timeout_seconds);
        RequestState {
            request_id: self.request_id,
            trace: self.trace,
            deadline: Deadline::within(patience.min(Deadline::DEFAULT)),
            identity: self.identity.take().unwrap_or(Identity::Anonymous),
            origin: std::mem::take(&mut self.origin),
            route: self.route.clone(),
            parameters: Vec::new(),
            shared: self.shared.clone(),
        }
    }

    /// The span of the request, where its trace is recorded.
    pub(super) fn span(&self) -> Option<tracing::Span> {
        runtime::telemetry::request_span(self.method, self.pattern(), self.trace)
    }

    fn pattern(&self) -> &str {
        self.route.as_ref().map_or(UNMATCHED, |route| &route.pattern)
    }

    /// The time to begin the answer: what the handler has, and what the client has to send its body.
    pub(super) fn time_limit(&self, headers: &HeaderMap) -> Duration {
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
        match self.door {
            Door::Seam => seam::PATIENCE + Duration::from_secs(body),
            _ => Duration::from_secs(http.request_timeout_seconds + body),
        }
    }

    /// Puts the answer into the contract, adds what every answer has, counts it and writes its line.
    pub(super) fn end(&mut self, answer: HttpResponse<BoxBody>) -> (HttpResponse<BoxBody>, InFlight) {
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
        if self.shared.traffic.is_draining() && answer.status() != StatusCode::SWITCHING_PROTOCOLS {
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
        let impersonator = self
            .impersonator
            .map(|admin| HeaderValue::try_from(admin.to_string()));
        if let Some(Ok(admin)) = impersonator {
            headers.insert(IMPERSONATOR, admin);
        }
        edge.headers.decorate(headers, self.uri.path());
        edge.cors.decorate(headers, self.page.take());
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
                    impersonator = self.impersonator.map(tracing::field::display),
                    caller = self.caller.as_ref().map(|caller| caller.issuer.as_str()),
                    principal = self.caller.as_ref().map(|caller| caller.principal.reference()),
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

fn refusal(failure: Failure) -> Box<HttpResponse> {
    Box::new(HttpResponse::from_error(failure))
}

/// The id that the edge gave the request, or the client.
fn told_id(origin: &Origin, headers: &HeaderMap) -> Option<RequestId> {
    if let Some(hop) = &origin.hop {
        return Some(hop.request_id);
    }
    let sent = headers.get(REQUEST_ID)?;
    Uuid::try_parse_ascii(sent.as_bytes()).ok().map(RequestId)
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
