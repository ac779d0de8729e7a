use super::{checked::Checked, source::Source};
use crate::{
    error::Error,
    formats::{Parsed, Reading, StatementReader},
};
use bytes::Bytes;
use futures::{SinkExt, Stream, StreamExt, TryStreamExt, channel::mpsc, stream};
use kernel::{CallContext, CallError};
use std::pin::{Pin, pin};
use store::{Blob, Store};

/// Files of up to so many bytes and rows are imported while the request waits.
const SMALL_BYTES: usize = 1024 * 1024;
const SMALL_ROWS: u32 = 5_000;

/// A file that came, every row of it looked at.
pub(crate) struct Received {
    pub(crate) source: Source,
    pub(crate) bytes: u64,
    pub(crate) checked: Checked,
}

/// Looks at every row of a file while it comes in. A small one is held; a larger one is spooled to a blob as it comes,
/// so that no more than a piece of it is held. A file that is refused leaves nothing.
pub(crate) async fn receive<E: From<Error>>(
    store: &Store,
    cx: &CallContext,
    reading: &Reading,
    spool: bool,
    pieces: impl Stream<Item = Result<Bytes, E>>,
) -> Result<Received, E> {
    let mut pieces = pin!(pieces);
    let mut check = Check::new(reading);
    let (mut held, mut bytes) = (Vec::new(), 0);
    while !spool && bytes <= SMALL_BYTES && check.checked.rows <= SMALL_ROWS {
        let Some(piece) = pieces.try_next().await? else {
            check.finish()?;
            let (bytes, checked) = (bytes as u64, check.checked);
            return Ok(Received {
                source: Source::Memory(held),
                bytes,
                checked,
            });
        };
        check.push(&piece)?;
        bytes += piece.len();
        held.push(piece);
    }
    let blob = spooled(store, cx, &mut check, held, pieces).await?;
    Ok(Received {
        bytes: blob.length,
        source: Source::Spooled(blob),
        checked: check.checked,
    })
}

/// Writes what is held and what still comes to a blob, and goes on checking it.
async fn spooled<E: From<Error>>(
    store: &Store,
    cx: &CallContext,
    check: &mut Check<'_>,
    held: Vec<Bytes>,
    mut pieces: Pin<&mut impl Stream<Item = Result<Bytes, E>>>,
) -> Result<Blob, E> {
    let (mut sender, receiver) = mpsc::channel::<Result<Bytes, Error>>(1);
    let writing = store.write_blob(cx, stream::iter(held).map(Ok).chain(receiver));
    let feeding = async {
        let fed = feed(check, &mut sender, &mut pieces).await;
        if fed.is_err() {
            // The blob must not become whole; what is wrong is told by whoever fed.
            let broken: Error = CallError::internal("the file was refused").into();
            drop(sender.send(Err(broken)).await);
        }
        drop(sender);
        fed
    };
    let (written, fed) = futures::join!(writing, feeding);
    fed?;
    Ok(written?)
}

async fn feed<E: From<Error>>(
    check: &mut Check<'_>,
    sender: &mut mpsc::Sender<Result<Bytes, Error>>,
    pieces: &mut Pin<&mut impl Stream<Item = Result<Bytes, E>>>,
) -> Result<(), E> {
    while let Some(piece) = pieces.try_next().await? {
        check.push(&piece)?;
        if sender.send(Ok(piece)).await.is_err() {
            // Writing failed, and says why.
            return Ok(());
        }
    }
    Ok(check.finish()?)
}

struct Check<'a> {
    reading: &'a Reading,
    reader: StatementReader,
    rows: Vec<Parsed>,
    checked: Checked,
}

impl<'a> Check<'a> {
    fn new(reading: &'a Reading) -> Self {
        Self {
            reading,
            reader: StatementReader::new(reading),
            rows: Vec::new(),
            checked: Checked::default(),
        }
    }

    fn push(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.reader.push(piece, &mut self.rows)?;
        self.look()
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.reader.finish(&mut self.rows)?;
        self.look()
    }

    fn look(&mut self) -> Result<(), Error> {
        for parsed in self.rows.drain(..) {
            self.checked.look(&parsed, self.reading.currency)?;
        }
        Ok(())
    }
}
