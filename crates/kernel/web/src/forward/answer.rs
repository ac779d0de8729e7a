use super::{Cut, connection::Connection, headers};
use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    http::StatusCode,
};
use bytes::Bytes;
use http::{Response, header::CONTENT_LENGTH};
use hyper::body::{Body, Incoming};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tokio_util::sync::WaitForCancellationFutureOwned;

/// What the client gets of an answer: the same status, its headers without those of the hop, and its body piece by
/// piece, as it comes.
pub(super) fn to_client(
    response: Response<Incoming>,
    connection: Connection,
    head: bool,
    leaving: impl FnOnce() -> WaitForCancellationFutureOwned,
    cut: Cut,
) -> HttpResponse<BoxBody> {
    let (parts, incoming) = response.into_parts();
    let status = StatusCode::from_u16(parts.status.as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let events = parts
        .headers
        .get(http::header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
    let told = || parts.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
    let size = match status {
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => BodySize::None,
        _ if head => told().map_or(BodySize::None, BodySize::Sized),
        _ => incoming
            .size_hint()
            .exact()
            .map_or(BodySize::Stream, BodySize::Sized),
    };
    let body = Download {
        incoming,
        connection: Some(connection),
        size,
        // An event stream has no end that one could wait for: its client asks again elsewhere.
        leave: events.then(|| Box::pin(leaving())),
        cut,
    };
    let mut answer = HttpResponse::with_body(status, BoxBody::new(body));
    headers::to_client(&parts.headers, answer.headers_mut());
    answer
}

/// The body of an answer, at the pace of the client. One that is cut on its way ends in an error, so that the client's
/// connection is cut as well and nobody takes a part for the whole.
struct Download {
    incoming: Incoming,
    connection: Option<Connection>,
    size: BodySize,
    leave: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    cut: Cut,
}

impl MessageBody for Download {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = &mut *self;
        if this
            .leave
            .as_mut()
            .is_some_and(|leave| leave.as_mut().poll(context).is_ready())
        {
            return Poll::Ready(None);
        }
        loop {
            let frame = match Pin::new(&mut this.incoming).poll_frame(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(frame) => frame,
            };
            match frame {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Poll::Ready(Some(Ok(data))),
                    // Trailers end here.
                    _ => {}
                },
                Some(Err(error)) => {
                    this.cut.count();
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a forwarded answer was cut on its way"
                    );
                    return Poll::Ready(Some(Err(error.into())));
                }
                None => {
                    if let Some(connection) = this.connection.take() {
                        connection.give_back();
                    }
                    return Poll::Ready(None);
                }
            }
        }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| self.incoming.is_end_stream()) {
            connection.give_back();
        }
    }
}
