use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use kernel::{CallContext, ErrorKind, IdempotencyKey};

/// One contract as it is answered over a wire: bytes in, bytes or a stream out. Made from the trait by
/// [`macro@crate::service`]; whoever speaks a protocol (HTTP in `kernel/web`) reads the context from it and writes the
/// reply to it.
#[async_trait]
pub trait Dispatch: Send + Sync + 'static {
    /// The name of the contract, as in `advisory.book`: the group, then the part that stands before the method in the
    /// path `/rpc/<group>/<part>.<method>`.
    fn contract(&self) -> &str;

    /// Answers one call with the semantics that it has in process: a read ends with its caller, an effect runs to its
    /// end. The context is the one that the caller sent: already one level deeper.
    async fn dispatch(&self, cx: CallContext, call: IncomingCall) -> Reply;
}

/// A call as it arrived.
#[derive(Debug, Clone)]
pub struct IncomingCall {
    /// The name of the method.
    pub method: String,
    /// The key of an effect.
    pub key: Option<IdempotencyKey>,
    /// The arguments: a JSON object with one member for each.
    pub arguments: Bytes,
}

/// What a call is answered with.
pub enum Reply {
    /// The answer, as JSON.
    Answer(Bytes),
    /// The contract's typed error, whole, as JSON.
    Error {
        /// Its kind: decides the status.
        kind: ErrorKind,
        /// The error.
        error: Bytes,
    },
    /// Lines of NDJSON, each with its line feed: items, a heartbeat now and then, and a last `end` or `error`.
    Stream(BoxStream<'static, Bytes>),
}
