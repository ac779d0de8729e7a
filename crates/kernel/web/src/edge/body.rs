use super::Unread;
use crate::state::InFlight;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// A body that counts as in flight until it is written or given up.
pub(crate) struct EdgeBody {
    body: BoxBody,
    _in_flight: InFlight,
    _unread: Unread,
}

impl EdgeBody {
    pub(crate) fn new(body: BoxBody, in_flight: InFlight, unread: Unread) -> Self {
        Self {
            body,
            _in_flight: in_flight,
            _unread: unread,
        }
    }
}

impl MessageBody for EdgeBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
