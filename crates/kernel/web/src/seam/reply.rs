use crate::{failure::status_of, state::Traffic};
use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use bytes::Bytes;
use futures::StreamExt;
use rpc::Reply;
use std::{convert::Infallible, sync::Arc};

/// Marks a real answer of the seam: what is without it came from something on the way.
const RPC: HeaderName = HeaderName::from_static("x-rpc");
const ANSWER: HeaderValue = HeaderValue::from_static("answer");
const ERROR: HeaderValue = HeaderValue::from_static("error");
const STREAM: HeaderValue = HeaderValue::from_static("stream");
const REFUSED: HeaderValue = HeaderValue::from_static("refused");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const LINES: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// Writes a reply. A stream sends each piece at once; it ends with its caller, and is cut when the process stops, so
/// that its caller opens it again elsewhere.
pub(super) fn write(reply: Reply, traffic: &Arc<Traffic>) -> HttpResponse {
    match reply {
        Reply::Answer(json) => head(StatusCode::OK, ANSWER, JSON).body(json),
        Reply::Error { kind, error } => head(status_of(kind), ERROR, JSON).body(error),
        Reply::Stream(lines) => head(StatusCode::OK, STREAM, LINES)
            .streaming(lines.take_until(traffic.leaving()).map(Ok::<Bytes, Infallible>)),
    }
}

/// Marks a refusal that is no mistake in the topology: the caller proved itself, but the log-in in whose name it asks has
/// been ended.
pub(crate) fn mark_refused(answer: &mut HttpResponse) {
    answer.headers_mut().insert(RPC, REFUSED);
}

fn head(status: StatusCode, kind: HeaderValue, content: HeaderValue) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((RPC, kind))
        .insert_header((header::CONTENT_TYPE, content));
    answer
}
