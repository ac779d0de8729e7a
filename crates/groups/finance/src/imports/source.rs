use crate::error::Error;
use bytes::Bytes;
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use store::{Blob, Store};

/// Where a file lies while it is imported.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// In memory: it is small.
    Memory(Vec<Bytes>),
    /// In the store.
    Spooled(Blob),
}

impl Source {
    /// The file from its beginning, piece by piece.
    pub(crate) fn pieces(&self, store: &Store) -> BoxStream<'static, Result<Bytes, Error>> {
        match self {
            Source::Memory(pieces) => stream::iter(pieces.clone()).map(Ok).boxed(),
            Source::Spooled(blob) => store.read_blob(blob).map_err(Error::from).boxed(),
        }
    }
}
