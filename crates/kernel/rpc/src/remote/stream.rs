//! A stream on its way in.

use super::Remote;
use crate::{ContractError, ItemStream, Wire, causes::Causes, stream::Line};
use bytes::BytesMut;
use futures::stream;
use reqwest::Response;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Why a stream broke off. For the log: its reader learns that the group is away.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error("it ended without a last line")]
    WithoutEnd,
    #[error("no line came for {0:?}")]
    Silent(Duration),
    #[error("a line is longer than {0} bytes")]
    TooLong(usize),
    #[error("the connection broke")]
    Transport(#[source] reqwest::Error),
    #[error("a line cannot be read: run versions that know each other")]
    Unreadable(#[source] serde_json::Error),
}

/// Splits a body into lines.
struct Lines {
    response: Response,
    buffer: BytesMut,
    /// How much of the buffer is known to hold no line feed.
    searched: usize,
    limit: usize,
    idle: Duration,
}

impl Lines {
    async fn next(&mut self) -> Result<BytesMut, Cut> {
        loop {
            let unread = self.buffer.iter().skip(self.searched);
            if let Some(place) = unread.copied().position(|byte| byte == b'\n') {
                let line = self.buffer.split_to(self.searched + place + 1);
                self.searched = 0;
                return match line.len() > self.limit {
                    true => Err(Cut::TooLong(self.limit)),
                    false => Ok(line),
                };
            }
            self.searched = self.buffer.len();
            if self.searched >= self.limit {
                return Err(Cut::TooLong(self.limit));
            }
            match timeout(self.idle, self.response.chunk()).await {
                Ok(Ok(Some(chunk))) => self.buffer.extend_from_slice(&chunk),
                Ok(Ok(None)) => return Err(Cut::WithoutEnd),
                Ok(Err(error)) => return Err(Cut::Transport(error)),
                Err(_) => return Err(Cut::Silent(self.idle)),
            }
        }
    }

    /// The next item; none at the end.
    async fn item<T: Wire, E: ContractError>(&mut self) -> Result<Option<Result<T, E>>, Cut> {
        loop {
            let line = self.next().await?;
            match serde_json::from_slice(&line).map_err(Cut::Unreadable)? {
                Line::Item(item) => return Ok(Some(Ok(item))),
                Line::Beat(_) => {}
                Line::End(_) => return Ok(None),
                Line::Error(error) => return Ok(Some(Err(error))),
            }
        }
    }
}

impl Remote {
    /// The items of a stream that was opened. Dropping it closes the connection, which ends the stream over there.
    pub(crate) fn items<T: Wire, E: ContractError>(
        self: &Arc<Self>,
        path: &str,
        response: Response,
    ) -> ItemStream<T, E> {
        let lines = Lines {
            response,
            buffer: BytesMut::new(),
            searched: 0,
            limit: self.policy.line_limit,
            idle: self.policy.stream_idle,
        };
        let path = path.to_owned();
        let open = Some((lines, self.clone(), path));
        ItemStream::new(stream::unfold(open, |open| async move {
            let (mut lines, remote, path) = open?;
            match lines.item().await {
                Ok(None) => None,
                Ok(Some(Ok(item))) => Some((Ok(item), Some((lines, remote, path)))),
                Ok(Some(Err(error))) => Some((Err(error), None)),
                Err(cut) => {
                    tracing::warn!(
                        group = remote.group(),
                        path,
                        cause = %Causes(&cut),
                        "a stream from another process broke off"
                    );
                    Some((Err(remote.away().into()), None))
                }
            }
        }))
    }
}
