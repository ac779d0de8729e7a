use super::{
    connection::{ConnectError, Connection, Pool, host_of},
    request::{Outgoing, Upload},
};
use fail::fail_point;
use http::{Request, Response};
use hyper::body::Incoming;
use rpc::{Endpoint, Endpoints};
use std::{error::Error, io, rc::Rc, sync::Arc};

/// The most addresses and connections that are tried for one request.
const ATTEMPTS: usize = 4;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    #[error("the group has no address")]
    Nowhere,
    #[error("{url} has not answered for a while and is left alone until it does")]
    LeftAlone { url: String },
    #[error("no connection to {url}")]
    Connect {
        url: String,
        #[source]
        source: ConnectError,
    },
    #[error("{url} gave no answer that can be read")]
    Answer {
        url: String,
        #[source]
        source: hyper::Error,
    },
    #[error("{url} lets itself be connected to and says nothing")]
    Silent { url: String },
    /// Somebody took the connection and closed it.
    #[error("{url} closed the connection before an answer")]
    Closed {
        url: String,
        #[source]
        source: hyper::Error,
    },
    /// The client's fault.
    #[error("the client did not send its whole body")]
    Body,
}

/// What comes of one attempt.
enum Outcome {
    Answered(Response<Incoming>, Connection),
    /// Nothing, and the group has done nothing.
    Unsent(SendError),
    /// Nothing, and the group may have done something.
    Lost(SendError),
}

/// Sends a request to one of the addresses and waits for the head of the answer.
///
/// An address that has failed for longer than a replacement takes is not asked at all. An address without a connection drops out, and the request goes to another. A connection that was closed before an
/// answer costs one more attempt, at the same address where there is no other and it has not been failing for longer than
/// a replacement takes: always, when the request did not leave; else only if it can be repeated.
pub(super) async fn send(
    pool: &Rc<Pool>,
    endpoints: &Endpoints,
    outgoing: &Outgoing<'_>,
) -> Result<(Response<Incoming>, Connection), SendError> {
    let mut endpoint = endpoints.pick().ok_or(SendError::Nowhere)?;
    if !endpoints.may_ask(&endpoint) {
        let url = endpoint.url().to_owned();
        return Err(SendError::LeftAlone { url });
    }
    let mut fresh = false;
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        let (reused, outcome) = attempt(pool, &endpoint, outgoing, fresh).await;
        let (error, again) = match outcome {
            Outcome::Answered(response, connection) => {
                endpoint.answered();
                return Ok((response, connection));
            }
            Outcome::Unsent(error) => (error, outgoing.is_untouched() || outgoing.can_repeat()),
            Outcome::Lost(error) => (error, outgoing.can_repeat()),
        };
        if outgoing.is_broken() {
            return Err(SendError::Body);
        }
        if !again || left == 0 {
            return Err(error);
        }
        fresh = true;
        if reused {
            continue;
        }
        match (endpoints.pick_other(&endpoint), &error) {
            (Some(other), _) => endpoint = other,
            // A process that is being replaced: another takes the next connection from the same socket.
            (None, SendError::Closed { .. }) if !endpoint.is_lost() => {}
            (None, _) => return Err(error),
        }
    }
}

/// One attempt, and whether it was made on a connection that had been used before.
async fn attempt(
    pool: &Rc<Pool>,
    endpoint: &Arc<Endpoint>,
    outgoing: &Outgoing<'_>,
    fresh: bool,
) -> (bool, Outcome) {
    let url = endpoint.url();
    let mut connection = match pool.connection(endpoint.address(), fresh).await {
        Ok(connection) => connection,
        Err(source) => {
            endpoint.failed();
            let url = url.to_owned();
            return (false, Outcome::Unsent(SendError::Connect { url, source }));
        }
    };
    let reused = connection.is_reused();
    let request: Request<Upload> = outgoing.attempt(host_of(url));
    fail_point!("forward.before_send", |_| std::process::abort());
    let sent = tokio::select! {
        biased;
        sent = connection.send(request) => sent,
        () = endpoint.silent() => {
            let url = url.to_owned();
            return (false, Outcome::Lost(SendError::Silent { url }));
        }
    };
    fail_point!("forward.after_send", |_| std::process::abort());
    let mut failed = match sent {
        Ok(response) => return (reused, Outcome::Answered(response, connection)),
        Err(failed) => failed,
    };
    let unsent = failed.take_message().is_some();
    let source = failed.into_error();
    let closed = is_closed(&source);
    if closed && !reused && !outgoing.is_broken() {
        endpoint.failed();
    }
    let url = url.to_owned();
    let error = match closed {
        true => SendError::Closed { url, source },
        false => SendError::Answer { url, source },
    };
    let outcome = match (unsent, closed) {
        (true, _) => Outcome::Unsent(error),
        (false, true) => Outcome::Lost(error),
        // An answer that cannot be read would not be better the second time.
        (false, false) => return (false, Outcome::Lost(error)),
    };
    (reused, outcome)
}

/// Whether the connection ended before an answer.
fn is_closed(error: &hyper::Error) -> bool {
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return true;
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some() {
            return true;
        }
        cause = error.source();
    }
    false
}
