use super::{
    frames::{Frames, RESTART},
    headers,
};
use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::Payload,
    http::{ConnectionType, StatusCode, header},
    rt,
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::Response;
use hyper::{body::Incoming, upgrade::Upgraded};
use hyper_util::rt::TokioIo;
use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf, ReadHalf, WriteHalf};
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};

/// The most bytes that are read at once.
const PIECE: usize = 16 * 1024;

type Stream = TokioIo<Upgraded>;

/// What a client gets when the group has agreed to a WebSocket: from now on bytes go both ways as they come, until one
/// side closes or the process stops; then the client is told to come back.
pub(super) async fn to_client(
    mut response: Response<Incoming>,
    payload: Payload,
    leaving: WaitForCancellationFutureOwned,
) -> Result<HttpResponse<BoxBody>, hyper::Error> {
    let upgraded = hyper::upgrade::on(&mut response).await?;
    let (from_group, to_group) = tokio::io::split(TokioIo::new(upgraded));
    let ended = CancellationToken::new();
    drop(rt::spawn(upstream(payload, to_group, ended.clone())));
    let body = Tunnel {
        from_group,
        frames: Frames::default(),
        leaving: Box::pin(leaving),
        closing: false,
        ended: false,
        _ended: ended.drop_guard(),
    };
    let mut answer = HttpResponse::with_body(StatusCode::SWITCHING_PROTOCOLS, BoxBody::new(body));
    answer.head_mut().set_connection_type(ConnectionType::Upgrade);
    headers::to_client(response.headers(), answer.headers_mut());
    let websocket = header::HeaderValue::from_static("websocket");
    answer.headers_mut().insert(header::UPGRADE, websocket);
    Ok(answer)
}

/// Carries what the client sends, until it leaves or the other direction has ended.
async fn upstream(mut payload: Payload, mut to_group: WriteHalf<Stream>, ended: CancellationToken) {
    let carry = async {
        while let Some(Ok(bytes)) = payload.next().await {
            to_group.write_all(&bytes).await?;
            to_group.flush().await?;
        }
        Ok::<_, io::Error>(())
    };
    let carried = tokio::select! {
        () = ended.cancelled() => Ok(()),
        carried = carry => carried,
    };
    if let Err(error) = carried {
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "a group closed a WebSocket"
        );
    }
    // The group sees that the client has left. That it may have left as well is no matter.
    let _ = to_group.shutdown().await;
}

/// What the group sends.
struct Tunnel {
    from_group: ReadHalf<Stream>,
    frames: Frames,
    leaving: Pin<Box<WaitForCancellationFutureOwned>>,
    closing: bool,
    ended: bool,
    /// Ends the other direction.
    _ended: DropGuard,
}

impl Tunnel {
    /// The last word, once the process stops and no frame is torn by it.
    fn farewell(&mut self, context: &mut Context<'_>) -> Option<Bytes> {
        if !self.closing {
            self.closing = self.leaving.as_mut().poll(context).is_ready();
        }
        let now = self.closing && self.frames.is_between();
        now.then(|| {
            self.ended = true;
            Bytes::from_static(RESTART)
        })
    }
}

impl MessageBody for Tunnel {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        if let Some(last) = this.farewell(context) {
            return Poll::Ready(Some(Ok(last)));
        }
        let mut piece = BytesMut::zeroed(PIECE);
        let mut buffer = ReadBuf::new(&mut piece);
        let read = ready!(Pin::new(&mut this.from_group).poll_read(context, &mut buffer));
        let filled = buffer.filled().len();
        Poll::Ready(match read {
            Ok(()) if filled == 0 => None,
            Ok(()) => {
                piece.truncate(filled);
                this.frames.pass(&piece);
                Some(Ok(piece.freeze()))
            }
            Err(error) => Some(Err(error)),
        })
    }
}
