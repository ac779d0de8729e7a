use futures::{Stream, StreamExt, stream::BoxStream};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

/// What a method answers that keeps answering: items, until it ends or fails. Nothing comes after a failure.
///
/// A stream is a read over something that stays, so that it can be opened again where it broke: give the method an
/// argument `after`. One that comes from another process can break off: its last item then is
/// `CallError::DependencyUnavailable`. Dropping the stream ends the work behind it, wherever that is done.
///
/// ```
/// # use kernel::{CallContext, CallError};
/// # use rpc::ItemStream;
/// #[rpc::service(name = "desk.numbers")]
/// trait Numbers {
///     /// All numbers after this one.
///     #[rpc(read)]
///     async fn watch(&self, cx: &CallContext, after: u64) -> Result<ItemStream<u64, CallError>, CallError>;
/// }
/// ```
pub struct ItemStream<T, E>(BoxStream<'static, Result<T, E>>);

impl<T, E> ItemStream<T, E> {
    /// The items of any stream.
    pub fn new(items: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self {
        Self(items.boxed())
    }
}

impl<T, E> Stream for ItemStream<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T, E> fmt::Debug for ItemStream<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ItemStream")
    }
}

/// One line of a stream on the wire.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line<T, E> {
    /// The next item.
    Item(T),
    /// Nothing new, but still there.
    Beat(bool),
    /// That was all: the last line.
    End(bool),
    /// It failed: the last line.
    Error(E),
}
