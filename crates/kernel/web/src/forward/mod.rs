//! Forwarding: the public routes of a group that another process answers, from this one.
//!
//! It is one decision in the one middleware, after identity and limits ([`decide`]): the request goes to the group as it
//! came, under the same path, and the answer comes back as it is given, neither of them held up on its way.

mod answer;
mod connection;
mod decision;
mod frames;
mod headers;
mod request;
mod send;
mod table;
mod tunnel;

pub(crate) use decision::{Decision, Guarded, decide};
pub use table::{ForwardTable, Where};

use crate::{
    Failure,
    edge::hop_of,
    state::{RequestState, Shared},
};
use actix_web::{
    HttpMessage, HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        ConnectionType,
        header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING},
    },
};
use connection::Pool;
use decision::Target;
use headers::Said;
use http::{HeaderValue, Method, StatusCode, Uri};
use kernel::{CallError, ErrorKind, RequestId};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
};
use request::Outgoing;
use runtime::metrics::Registry;
use send::SendError;
use std::{rc::Rc, sync::Arc};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    group: &'static str,
    outcome: &'static str,
}

/// How many requests were forwarded and what came of them: `answered`, `unavailable`, `client` (it did not send its
/// whole body), `cut` (the answer broke off; it has been counted as answered before).
#[derive(Clone)]
pub(crate) struct ForwardMetrics(Family<Labels, Counter>);

impl ForwardMetrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        Self(registry.register(
            "http_forwarded",
            "Requests forwarded to another process.",
            Family::default(),
        ))
    }

    fn of(&self, group: &'static str, outcome: &'static str) -> Counter {
        self.0.get_or_create_owned(&Labels { group, outcome })
    }
}

/// Where an answer is counted that breaks off on its way.
struct Cut {
    metrics: ForwardMetrics,
    group: &'static str,
}

impl Cut {
    fn count(&self) {
        self.metrics.of(self.group, "cut").inc();
    }
}

/// Forwards the requests of one worker.
#[derive(Clone)]
pub(crate) struct Forwarder {
    pool: Rc<Pool>,
    shared: Arc<Shared>,
}

impl Forwarder {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let pool = Pool::new();
        let swept = Rc::downgrade(&pool);
        // Ends with the worker, whose connections these are.
        drop(actix_web::rt::spawn(async move {
            let mut minutes = tokio::time::interval(std::time::Duration::from_secs(60));
            loop {
                minutes.tick().await;
                match swept.upgrade() {
                    Some(pool) => pool.forget(),
                    None => return,
                }
            }
        }));
        Self { pool, shared }
    }

    /// Answers a request that this process does not answer itself.
    pub(crate) async fn answer(
        self,
        decision: Decision,
        mut request: ServiceRequest,
    ) -> ServiceResponse<BoxBody> {
        let answer = match decision {
            Decision::To(target) => self.forward(target, &mut request).await,
            Decision::Refuse(failure) => Err(failure),
            Decision::Here => Err(Failure::internal("a request for this process was forwarded")),
        };
        request.into_response(answer.unwrap_or_else(HttpResponse::from_error))
    }

    async fn forward(&self, target: Target, request: &mut ServiceRequest) -> Result<HttpResponse, Failure> {
        let group = target.group;
        let method = Method::from_bytes(request.method().as_str().as_bytes()).map_err(Failure::internal)?;
        let upgrade = method == Method::GET && headers::is_upgrade(request.headers());
        let framed = request.headers().contains_key(CONTENT_LENGTH)
            || request.headers().contains_key(TRANSFER_ENCODING);
        let websocket = headers::asks_for_websocket(request.headers());
        if websocket && framed {
            // Two processes could differ about where such a request ends.
            return Err(Failure::new(ErrorKind::Malformed, "a WebSocket begins without a body").closing());
        }
        let body = body_of(request.headers()).filter(|_| !websocket);
        let body = body.map(|length| (request.take_payload(), length));
        let (outgoing, id) = self.outgoing(group, method.clone(), request, upgrade)?;
        let outgoing = match body {
            Some((payload, length)) => outgoing.with_body(payload, length),
            None => outgoing,
        };
        let (response, connection) = match send::send(&self.pool, &target.endpoints, &outgoing).await {
            Ok(answered) => answered,
            Err(error) => return Err(self.failed(group, id, error, outgoing.can_repeat())),
        };
        self.shared.forwarded.of(group, "answered").inc();
        let leaving = || self.shared.traffic.leaving();
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            let payload = request.take_payload();
            return tunnel::to_client(response, payload, leaving())
                .await
                .map_err(|source| {
                    tracing::warn!(
                        error = &source as &dyn std::error::Error,
                        group,
                        "an upgrade failed"
                    );
                    away(group)
                });
        }
        let cut = Cut {
            metrics: self.shared.forwarded.clone(),
            group,
        };
        let mut answer = answer::to_client(response, connection, method == Method::HEAD, leaving, cut);
        if websocket {
            // What the client sends now are no requests.
            answer.head_mut().set_connection_type(ConnectionType::Close);
        }
        Ok(answer)
    }

    /// The request without its body, and its id.
    fn outgoing<'a>(
        &self,
        group: &'static str,
        method: Method,
        request: &'a ServiceRequest,
        upgrade: bool,
    ) -> Result<(Outgoing<'a>, RequestId), Failure> {
        let id = RequestState::with(request.request(), |state| Ok(state.request_id))?;
        let hop = hop_of(request.request());
        let seal = hop.as_ref().map(|hop| self.shared.edge.seal(hop, group));
        let text = |text: &str| HeaderValue::from_str(text).map_err(Failure::internal);
        let said = Said {
            request_id: text(&id.to_string())?,
            client: hop.as_ref().map(|hop| hop.client),
            scheme: if hop.is_some_and(|hop| hop.scheme == "https") {
                "https"
            } else {
                "http"
            },
            seal: seal.as_deref().map(text).transpose()?,
        };
        // Exactly as it came: whoever reads it next decides on the same text.
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let uri = Uri::try_from(path)
            .map_err(|_| Failure::new(ErrorKind::Malformed, "the address cannot be read"))?;
        Ok((Outgoing::new(method, uri, request.headers(), said, upgrade), id))
    }

    fn failed(&self, group: &'static str, id: RequestId, error: SendError, repeatable: bool) -> Failure {
        if matches!(error, SendError::Body) {
            self.shared.forwarded.of(group, "client").inc();
            return Failure::new(
                ErrorKind::Malformed,
                "the body ended too early or is not framed right",
            )
            .closing();
        }
        self.shared.forwarded.of(group, "unavailable").inc();
        // That an address is left alone was said when it was.
        if !matches!(error, SendError::LeftAlone { .. }) {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                group,
                request_id = %id,
                "a request could not be forwarded"
            );
        }
        if matches!(error, SendError::Silent { .. }) && !repeatable {
            return CallError::Timeout {
                target: group.to_owned(),
            }
            .into();
        }
        away(group)
    }
}

fn away(group: &str) -> Failure {
    CallError::DependencyUnavailable {
        target: group.to_owned(),
    }
    .into()
}

/// Whether the request has a body, and its length if that is known.
fn body_of(headers: &HeaderMap) -> Option<Option<u64>> {
    if headers.contains_key(TRANSFER_ENCODING) {
        return Some(None);
    }
    let length = headers
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .trim()
        .parse::<u64>()
        .ok()?;
    (length > 0).then_some(Some(length))
}
