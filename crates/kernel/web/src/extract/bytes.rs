use super::budget::Budget;
use crate::{
    Failure,
    state::{RequestState, Shared},
};
use actix_web::{HttpMessage, HttpRequest, dev::Payload, error::PayloadError, http::header};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use kernel::ErrorKind;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How much of a body is read, and how long one waits for it.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    pub(crate) bytes: usize,
    pub(crate) until: Instant,
    /// What all clients together may hold.
    pub(crate) budget: Budget,
}

impl Bounds {
    /// Of an ordinary body.
    pub(crate) fn ordinary(request: &HttpRequest) -> Result<Self, Failure> {
        RequestState::with(request, |state| {
            let http = &state.shared.settings.http;
            let until = in_seconds(http.body_timeout_seconds);
            Ok(Self::new(&state.shared, http.body_limit, until))
        })
    }

    /// Of an import.
    pub(crate) fn import(request: &HttpRequest) -> Result<Self, Failure> {
        RequestState::with(request, |state| {
            let http = &state.shared.settings.http;
            let until = in_seconds(http.import_timeout_seconds);
            Ok(Self::new(&state.shared, http.import_body_limit, until))
        })
    }

    pub(crate) fn new(shared: &Shared, bytes: usize, until: Instant) -> Self {
        Self {
            bytes,
            until,
            budget: shared.bodies.clone(),
        }
    }

    pub(crate) fn too_large(&self) -> Failure {
        Failure::new(
            ErrorKind::TooLarge,
            format!("the body may have at most {} bytes", self.bytes),
        )
    }
}

fn in_seconds(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

/// Refuses a body of another type than one of `accepted`, as in `application/json`. Parameters other than a charset of
/// UTF-8 do not matter.
pub(crate) fn require_type<'a>(request: &HttpRequest, accepted: &[&'a str]) -> Result<&'a str, Failure> {
    let wrong = || {
        Failure::new(
            ErrorKind::UnsupportedMediaType,
            format!("send the body as {}", accepted.join(" or ")),
        )
    };
    let sent = request.mime_type().ok().flatten().ok_or_else(wrong)?;
    let readable = sent
        .get_param(mime::CHARSET)
        .is_none_or(|charset| charset == mime::UTF_8);
    accepted
        .iter()
        .copied()
        .find(|known| readable && sent.essence_str().eq_ignore_ascii_case(known))
        .ok_or_else(wrong)
}

/// Refuses at once a body that says that it is too large.
pub(crate) fn require_announced_size(request: &HttpRequest, bounds: &Bounds) -> Result<(), Failure> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<u64>().ok());
    match announced {
        Some(bytes) if bytes > bounds.bytes as u64 => Err(bounds.too_large()),
        _ => Ok(()),
    }
}

/// The next piece of a body; none at its end.
pub(crate) async fn next_chunk(payload: &mut Payload, bounds: &Bounds) -> Result<Option<Bytes>, Failure> {
    match timeout_at(bounds.until, payload.next()).await {
        Err(_) => Err(Failure::new(
            ErrorKind::RequestTimeout,
            "the body did not arrive in time: send it again",
        )
        .closing()),
        Ok(None) => Ok(None),
        Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
        Ok(Some(Err(error))) => Err(broken(error)),
    }
}

fn broken(error: PayloadError) -> Failure {
    match error {
        PayloadError::Overflow => Failure::new(ErrorKind::TooLarge, "the body is too large"),
        _ => Failure::new(
            ErrorKind::Malformed,
            "the body ended too early or is not framed right",
        )
        .closing(),
    }
}

/// The whole body within its bounds. A body that arrives in one piece is not copied.
pub(crate) async fn read_all(mut payload: Payload, bounds: Bounds) -> Result<Bytes, Failure> {
    let Some(first) = next_chunk(&mut payload, &bounds).await? else {
        return Ok(Bytes::new());
    };
    if first.len() > bounds.bytes {
        return Err(bounds.too_large());
    }
    let mut held = bounds.budget.nothing_yet();
    held.add(first.len())?;
    let Some(second) = next_chunk(&mut payload, &bounds).await? else {
        return Ok(first);
    };
    let mut whole = BytesMut::from(first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        if whole.len() + chunk.len() > bounds.bytes {
            return Err(bounds.too_large());
        }
        held.add(chunk.len())?;
        whole.extend_from_slice(&chunk);
        next = next_chunk(&mut payload, &bounds).await?;
    }
    Ok(whole.freeze())
}
