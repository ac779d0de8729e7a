use super::reply;
use crate::{
    Answer, Failure, Path,
    extract::bytes::{Bounds, read_all, require_announced_size, require_type},
    state::{Identity, RequestState, Shared},
};
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, HeaderMap},
    post,
    web::{Data, Payload},
};
use fail::fail_point;
use kernel::{CallContext, CallError, Deadline, ErrorKind, IdempotencyKey, MAX_DEPTH};
use rpc::IncomingCall;
use std::time::Duration;
use tokio::time::timeout_at;

const DEADLINE: &str = "x-deadline-ms";
const DEPTH: &str = "x-call-depth";
const KEY: &str = "idempotency-key";

/// The longest that a caller may say that it waits.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// What a call has beyond its deadline to say itself that it is late.
const GRACE: Duration = Duration::from_secs(1);

/// The contract document of a group.
#[get("/rpc/{group}/contract")]
pub(crate) async fn contract(request: HttpRequest, group: Path<String>, shared: Data<Shared>) -> Answer {
    let document = shared.calls.document(&group);
    let document = document.ok_or_else(|| not_served(&request))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(document.clone()))
}

/// One call of a contract: `{call}` is `<part>.<method>`.
#[post("/rpc/{group}/{call}")]
pub(crate) async fn call(
    request: HttpRequest,
    path: Path<(String, String)>,
    shared: Data<Shared>,
    payload: Payload,
) -> Answer {
    let (group, call) = path.into_inner();
    let dispatch = call
        .rsplit_once('.')
        .and_then(|(part, method)| Some((shared.calls.find(&group, part)?, method)));
    let (dispatch, method) = dispatch.ok_or_else(|| not_served(&request))?;
    let cx = context(&request)?;
    let call = IncomingCall {
        method: method.to_owned(),
        key: key(request.headers())?,
        arguments: arguments(&request, payload, &shared, cx.deadline).await?,
    };
    let patience = cx.deadline.instant() + GRACE;
    let answered = timeout_at(patience, dispatch.dispatch(cx, call)).await;
    fail_point!("rpc.before_answer", |_| std::process::abort());
    match answered {
        Ok(reply) => Ok(reply::write(reply, &shared.traffic)),
        Err(_) => Err(Failure::from(CallError::Timeout { target: group })),
    }
}

/// The caller proved itself, so this is no attack but a mistake in the topology.
fn not_served(request: &HttpRequest) -> Failure {
    tracing::warn!(
        path = request.path(),
        "a call for what this process does not serve: compare the topology of both"
    );
    Failure::not_found()
}

/// Who calls, until when, as part of what: as the caller says, whom the service token proves.
fn context(request: &HttpRequest) -> Result<CallContext, Failure> {
    let headers = request.headers();
    let depth = number(headers, DEPTH)?.unwrap_or(1);
    if depth > u64::from(MAX_DEPTH) {
        return Err(CallError::TooDeep.into());
    }
    let patience = number(headers, DEADLINE)?.map_or(Deadline::DEFAULT, Duration::from_millis);
    RequestState::with(request, |state| match &state.identity {
        Identity::Service(caller) => Ok(CallContext {
            principal: caller.principal.clone(),
            request_id: state.request_id,
            trace: state.trace,
            deadline: Deadline::within(patience.min(PATIENCE)),
            depth: u8::try_from(depth).unwrap_or(MAX_DEPTH),
        }),
        _ => Err(CallError::Unauthenticated.into()),
    })
}

fn number(headers: &HeaderMap, name: &str) -> Result<Option<u64>, Failure> {
    let Some(sent) = headers.get(name) else {
        return Ok(None);
    };
    let number = sent.to_str().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| {
        let message = format!("the header {name} must be a whole number");
        Failure::new(ErrorKind::Malformed, message)
    })
}

fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Failure> {
    let sent = headers.get(KEY);
    let key = sent.map(|text| IdempotencyKey::parse(text.to_str().unwrap_or_default()));
    Ok(key.transpose()?)
}

async fn arguments(
    request: &HttpRequest,
    payload: Payload,
    shared: &Shared,
    deadline: Deadline,
) -> Result<bytes::Bytes, Failure> {
    require_type(request, &["application/json"])?;
    let bounds = Bounds::new(shared, shared.settings.http.rpc_body_limit, deadline.instant());
    require_announced_size(request, &bounds)?;
    read_all(payload.into_inner(), bounds).await
}
