use super::bytes::{Bounds, next_chunk, read_all, require_announced_size, require_type};
use crate::Failure;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use bytes::Bytes;
use std::{
    fmt,
    future::{Ready, ready},
};

/// A body of any type, read piece by piece or whole, within `http.import_body_limit` (413) and
/// `http.import_timeout_seconds` (408).
pub struct RawBody {
    payload: Payload,
    bounds: Bounds,
    read: usize,
    media_type: String,
}

impl RawBody {
    /// The content type without parameters, in lower case; empty when none was sent.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The next piece; none at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let chunk = next_chunk(&mut self.payload, &self.bounds).await?;
        self.read += chunk.as_ref().map_or(0, Bytes::len);
        if self.read > self.bounds.bytes {
            return Err(self.bounds.too_large());
        }
        Ok(chunk)
    }

    /// The whole body; only before the first [`RawBody::chunk`] is it the whole.
    pub async fn into_bytes(self) -> Result<Bytes, Failure> {
        let bounds = Bounds {
            bytes: self.bounds.bytes.saturating_sub(self.read),
            ..self.bounds
        };
        read_all(self.payload, bounds).await
    }
}

impl fmt::Debug for RawBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawBody({}, {} bytes read)", self.media_type, self.read)
    }
}

impl FromRequest for RawBody {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(take(request, payload))
    }
}

fn take(request: &HttpRequest, payload: &mut Payload) -> Result<RawBody, Failure> {
    let bounds = Bounds::import(request)?;
    require_announced_size(request, &bounds)?;
    Ok(RawBody {
        payload: payload.take(),
        bounds,
        read: 0,
        media_type: request.content_type().to_ascii_lowercase(),
    })
}

/// A [`RawBody`] of `text/csv`; another content type is 415.
#[derive(Debug)]
pub struct CsvBody(pub RawBody);

impl FromRequest for CsvBody {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(require_type(request, &["text/csv"]).and_then(|_| take(request, payload).map(Self)))
    }
}
