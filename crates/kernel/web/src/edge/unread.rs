use actix_web::{
    HttpMessage,
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    http::header,
};
use bytes::Bytes;
use futures::Stream;
use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

/// Holds a chunked body until the answer is written. Once nobody holds one, the protocol layer goes on reading what is left of
/// it, so a client that never stops sending would never be left; while it is held, the connection is closed instead.
pub(crate) struct Unread {
    _body: Option<Rc<RefCell<Payload>>>,
}

impl Unread {
    /// Of a request whose handler has not begun.
    pub(crate) fn of(request: &mut ServiceRequest) -> Self {
        if !request.headers().contains_key(header::TRANSFER_ENCODING) {
            return Self { _body: None };
        }
        let body = Rc::new(RefCell::new(request.take_payload()));
        let stream: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(Reader(body.clone()));
        request.set_payload(stream.into());
        Self { _body: Some(body) }
    }
}

struct Reader(Rc<RefCell<Payload>>);

impl Stream for Reader {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}
