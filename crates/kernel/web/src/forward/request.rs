use super::headers::{Said, to_group};
use actix_web::{dev::Payload, error::PayloadError, http::header::HeaderMap};
use bytes::Bytes;
use futures::Stream;
use http::{HeaderValue, Method, Request, Uri};
use hyper::body::{Body, Frame, SizeHint};
use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

/// The most bytes of a body that are kept for a second attempt.
const KEPT: usize = 64 * 1024;

/// A request on its way to a group: what is needed to send it, and to send it again.
pub(super) struct Outgoing<'a> {
    method: Method,
    uri: Uri,
    came: &'a HeaderMap,
    said: Said,
    upgrade: bool,
    body: Option<Rc<RefCell<Source>>>,
    length: Option<u64>,
    repeatable: bool,
}

/// The body as it comes from the client, and what has come of it while that is little.
struct Source {
    payload: Payload,
    kept: Option<Vec<Bytes>>,
    kept_bytes: usize,
    /// Which attempt may read.
    attempt: u32,
    ended: bool,
    broken: bool,
}

impl<'a> Outgoing<'a> {
    /// A request with the headers that came, and what is said of them; one that can be sent again when a group that gets it
    /// twice does what it does for one.
    pub(super) fn new(method: Method, uri: Uri, came: &'a HeaderMap, said: Said, upgrade: bool) -> Self {
        let repeatable = !upgrade && (method.is_idempotent() || came.contains_key("idempotency-key"));
        Self {
            method,
            uri,
            came,
            said,
            upgrade,
            body: None,
            length: Some(0),
            repeatable,
        }
    }

    /// The same with a body, of which the length may be known.
    pub(super) fn with_body(mut self, payload: Payload, length: Option<u64>) -> Self {
        let small = length.is_none_or(|length| length <= KEPT as u64);
        self.length = length;
        self.body = Some(Rc::new(RefCell::new(Source {
            payload,
            kept: (self.repeatable && small).then(Vec::new),
            kept_bytes: 0,
            attempt: 0,
            ended: false,
            broken: false,
        })));
        self
    }

    /// The request for the next attempt, at an address with this authority; what an earlier one still holds of the body
    /// reads no more.
    pub(super) fn attempt(&self, host: HeaderValue) -> Request<Upload> {
        let attempt = self.body.as_ref().map_or(0, |source| {
            let mut source = source.borrow_mut();
            source.attempt += 1;
            source.attempt
        });
        let mut request = Request::new(Upload {
            source: self.body.clone(),
            length: self.length,
            attempt,
            at: 0,
        });
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = to_group(self.came, &self.said, host, self.upgrade);
        request
    }

    /// Whether the request may be sent again after it has reached a group, and still can be.
    pub(super) fn can_repeat(&self) -> bool {
        let whole = |source: &Rc<RefCell<Source>>| source.borrow().kept.is_some();
        self.repeatable && self.body.as_ref().is_none_or(whole)
    }

    /// Whether nothing of the body has been read.
    pub(super) fn is_untouched(&self) -> bool {
        let untouched = |source: &Rc<RefCell<Source>>| {
            let source = source.borrow();
            source.kept_bytes == 0 && !source.ended && !source.broken
        };
        self.body.as_ref().is_none_or(untouched)
    }

    /// Whether the client failed to send its body.
    pub(super) fn is_broken(&self) -> bool {
        self.body.as_ref().is_some_and(|source| source.borrow().broken)
    }
}

impl Source {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, PayloadError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let polled = Pin::new(&mut self.payload).poll_next(context);
        match &polled {
            Poll::Pending => {}
            Poll::Ready(None) => self.ended = true,
            Poll::Ready(Some(Err(_))) => self.broken = true,
            Poll::Ready(Some(Ok(chunk))) => self.keep(chunk),
        }
        polled
    }

    fn keep(&mut self, chunk: &Bytes) {
        self.kept_bytes += chunk.len();
        match &mut self.kept {
            Some(_) if self.kept_bytes > KEPT => self.kept = None,
            Some(kept) => kept.push(chunk.clone()),
            None => {}
        }
    }
}

/// The body of one attempt: what was kept, then what the client still sends, at the pace of the group.
pub(super) struct Upload {
    source: Option<Rc<RefCell<Source>>>,
    length: Option<u64>,
    attempt: u32,
    at: usize,
}

/// Why a body cannot be sent on.
#[derive(Debug, thiserror::Error)]
pub(super) enum UploadError {
    #[error("the client did not send its whole body")]
    Broken,
    #[error("another attempt sends the body now")]
    Superseded,
}

impl Body for Upload {
    type Data = Bytes;
    type Error = UploadError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        let this = &mut *self;
        let Some(source) = &this.source else {
            return Poll::Ready(None);
        };
        let mut source = source.borrow_mut();
        if source.attempt != this.attempt {
            return Poll::Ready(Some(Err(UploadError::Superseded)));
        }
        let kept = source.kept.as_ref().and_then(|kept| kept.get(this.at));
        let next = match kept {
            Some(chunk) => Poll::Ready(Some(Ok(chunk.clone()))),
            None => source.poll(context),
        };
        next.map(|next| {
            next.map(|chunk| {
                this.at += 1;
                chunk.map(Frame::data).map_err(|_| UploadError::Broken)
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.source.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
