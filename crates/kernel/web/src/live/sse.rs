use super::{LOOK, Live};
use crate::Failure;
use actix_web::{HttpResponse, http::header};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use kernel::UserPrincipal;
use std::{convert::Infallible, pin::Pin, time::Duration};
use tokio::time::Interval;
use tokio_util::sync::WaitForCancellationFutureOwned;

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseEvent {
    /// After which a client goes on when it comes back: `Last-Event-ID`. One line.
    pub id: String,
    /// The data: one line of JSON.
    pub data: String,
}

type Events = Pin<Box<dyn Stream<Item = Result<SseEvent, Failure>>>>;

struct Sending {
    live: Live,
    user: UserPrincipal,
    events: Events,
    look: Interval,
    leaving: Pin<Box<WaitForCancellationFutureOwned>>,
    over: bool,
}

/// Answers with server-sent events until the stream ends, the process stops or the log-in is taken back. `retry` is after
/// which time a client is to come back. A failure is sent as the event `error`, and ends the stream.
pub fn sse(
    live: Live,
    user: UserPrincipal,
    retry: Duration,
    events: impl Stream<Item = Result<SseEvent, Failure>> + 'static,
) -> HttpResponse {
    let begin = Bytes::from(format!("retry: {}\n\n", retry.as_millis()));
    let sending = Sending {
        leaving: Box::pin(live.leaving()),
        live,
        user,
        events: Box::pin(events),
        look: tokio::time::interval_at(tokio::time::Instant::now() + LOOK, LOOK),
        over: false,
    };
    let rest = stream::unfold(sending, |mut sending| async move {
        let bytes = sending.next().await?;
        Some((bytes, sending))
    });
    let body = stream::iter([begin]).chain(rest).map(Ok::<_, Infallible>);
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        // Proxies that would wait for more are told not to.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(body)
}

impl Sending {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        tokio::select! {
            biased;
            () = &mut self.leaving => None,
            _ = self.look.tick() => match self.live.is_revoked(&self.user) {
                true => None,
                false => Some(Bytes::from_static(b": alive\n\n")),
            },
            event = self.events.next() => match event? {
                Ok(_) if self.live.is_revoked(&self.user) => None,
                Ok(event) => Some(Bytes::from(format!("id: {}\ndata: {}\n\n", event.id, event.data))),
                Err(failure) => {
                    self.over = true;
                    Some(Bytes::from(format!("event: error\ndata: {}\n\n", failure.to_json())))
                }
            },
        }
    }
}
