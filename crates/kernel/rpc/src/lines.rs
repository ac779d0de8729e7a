//! A stream on its way out: NDJSON with a heartbeat.

use crate::{ContractError, ItemStream, Wire, causes::Causes, stream::Line};
use bytes::Bytes;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use kernel::{CallError, Tasks};
use std::time::Duration;
use tokio::time::timeout;

/// How long a stream says nothing before it says that it is still there.
pub(crate) const BEAT: Duration = Duration::from_secs(10);

/// The lines of a stream. One that has no last line when the process stops was cut: its reader opens it elsewhere.
pub(crate) fn lines<T: Wire, E: ContractError>(
    items: ItemStream<T, E>,
    tasks: Tasks,
    beat: Duration,
) -> BoxStream<'static, Bytes> {
    let lines = stream::unfold(Some((items, tasks)), move |open| async move {
        let (mut items, tasks) = open?;
        let next = tokio::select! {
            next = timeout(beat, items.next()) => next,
            () = tasks.stopping() => return None,
        };
        let (line, goes_on) = match next {
            Err(_) => (Line::Beat(true), true),
            Ok(None) => (Line::End(true), false),
            Ok(Some(Ok(item))) => (Line::Item(item), true),
            Ok(Some(Err(error))) => (Line::Error(error), false),
        };
        let (line, goes_on) = match written(&line) {
            Ok(bytes) => (bytes, goes_on),
            Err(cause) => (unwritable::<T, E>(&cause), false),
        };
        Some((line, goes_on.then_some((items, tasks))))
    });
    lines.boxed()
}

fn written<T: Wire, E: ContractError>(line: &Line<T, E>) -> Result<Bytes, serde_json::Error> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    Ok(Bytes::from(bytes))
}

fn unwritable<T: Wire, E: ContractError>(cause: &serde_json::Error) -> Bytes {
    tracing::error!(cause = %Causes(cause), "an item of a stream cannot be sent");
    let error = Line::<T, E>::Error(CallError::Internal { cause: None }.into());
    written(&error).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::ItemStream;
    use futures::{StreamExt, stream};
    use kernel::{CallError, Tasks};
    use std::time::Duration;

    #[tokio::test]
    async fn a_stream_with_nothing_new_beats_and_stopping_cuts_it() {
        let items = stream::iter([Ok::<_, CallError>(1_u8)]).chain(stream::pending());
        let tasks = Tasks::new();
        let mut lines = lines(ItemStream::new(items), tasks.clone(), Duration::from_millis(5));
        assert_eq!(lines.next().await.unwrap(), "{\"item\":1}\n");
        assert_eq!(lines.next().await.unwrap(), "{\"beat\":true}\n");
        assert_eq!(lines.next().await.unwrap(), "{\"beat\":true}\n");
        tasks.stop(Duration::ZERO).await;
        assert!(lines.all(|line| async move { line == "{\"beat\":true}\n" }).await);
    }
}
