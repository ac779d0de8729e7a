use super::{Remote, client};
use crate::{Endpoint, MethodInfo};
use bytes::{Bytes, BytesMut};
use fail::fail_point;
use kernel::{CallContext, CallError, IdempotencyKey};
use reqwest::{
    Method, Request, Response, StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use std::{error::Error, time::Duration};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const DEADLINE: HeaderName = HeaderName::from_static("x-deadline-ms");
const DEPTH: HeaderName = HeaderName::from_static("x-call-depth");
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks what was answered by the seam and by nothing on the way to it.
const RPC: HeaderName = HeaderName::from_static("x-rpc");

/// The client's own limit on a whole request stands aside: the deadline of the call rules, and a stream has none.
pub(super) const UNLIMITED: Duration = Duration::from_secs(30 * 24 * 3600);

/// One call as it goes out.
pub(crate) struct Question<'a> {
    pub(crate) contract: &'a str,
    pub(crate) method: &'static MethodInfo,
    /// As in `/rpc/advisory/book.link`.
    pub(crate) path: &'a str,
    /// Already one level deeper.
    pub(crate) cx: &'a CallContext,
    pub(crate) key: Option<&'a IdempotencyKey>,
    pub(crate) arguments: Bytes,
}

/// A real answer of the seam.
pub(crate) enum Heard {
    /// The answer, as JSON.
    Answer(Bytes),
    /// The contract's error, as JSON.
    Error {
        /// Whether its kind is `Unavailable`.
        unavailable: bool,
        /// The error.
        error: Bytes,
    },
    /// A stream that was opened; its lines are still to come.
    Stream(Response),
}

impl Heard {
    /// Whether it may be otherwise if asked again, here or elsewhere.
    pub(super) fn may_pass(&self) -> bool {
        matches!(
            self,
            Heard::Error {
                unavailable: true,
                ..
            }
        )
    }
}

/// Why an attempt brought no answer. For the log: the caller learns that the group is away.
#[derive(Debug, thiserror::Error)]
pub(super) enum AttemptFailure {
    #[error(
        "nothing is sent at the moment: too many attempts failed, or no address has answered for a while"
    )]
    LeftAlone,
    #[error("no address of the group is known")]
    NoAddress,
    #[error("there is no token for the call")]
    NoToken(#[source] CallError),
    #[error("the deadline was over before it could be sent")]
    Late,
    #[error("the request cannot be made")]
    Unsendable(#[source] Box<dyn Error + Send + Sync>),
    #[error("no answer came")]
    Transport(#[source] reqwest::Error),
    #[error("the address lets itself be connected to and says nothing")]
    Silent,
    #[error(
        "{0} without an answer of the seam: check the address, the group's name and the keys for service tokens"
    )]
    Misconfigured(StatusCode),
    #[error("the log-in in whose name it was asked has been ended")]
    LogInEnded,
    #[error("{0} without an answer of the seam")]
    Foreign(StatusCode),
    #[error("the answer is longer than {0} bytes")]
    TooLarge(usize),
}

impl AttemptFailure {
    /// Whether it says that the target does not answer: then another attempt may bring an answer. A refusal says
    /// that what was sent is wrong, and would be again.
    pub(super) fn is_the_targets(&self) -> bool {
        match self {
            AttemptFailure::Transport(_) | AttemptFailure::Silent => true,
            AttemptFailure::Foreign(status) => !status.is_client_error(),
            _ => false,
        }
    }

    /// Whether there was not even a connection.
    pub(super) fn is_connection(&self) -> bool {
        matches!(self, AttemptFailure::Transport(error) if error.is_connect())
    }
}

impl Remote {
    /// Sends once, to one address.
    pub(super) async fn exchange(
        &self,
        question: &Question<'_>,
        endpoint: &Endpoint,
    ) -> Result<Heard, AttemptFailure> {
        let request = self.request(question, endpoint)?;
        let client = client::of_this_thread(self.client).map_err(AttemptFailure::Unsendable)?;
        fail_point!("rpc.before_send", |_| std::process::abort());
        let response = tokio::select! {
            biased;
            response = client.execute(request) => response.map_err(AttemptFailure::Transport)?,
            () = endpoint.silent() => return Err(AttemptFailure::Silent),
        };
        fail_point!("rpc.after_send", |_| std::process::abort());
        fail_point!("rpc.lose_answer", |_| Err(AttemptFailure::Silent));
        self.heard(response).await
    }

    fn request(&self, question: &Question<'_>, endpoint: &Endpoint) -> Result<Request, AttemptFailure> {
        let url = Url::parse(&[endpoint.url(), question.path].concat());
        let url = url.map_err(|error| AttemptFailure::Unsendable(error.into()))?;
        let mut request = Request::new(Method::POST, url);
        *request.timeout_mut() = Some(UNLIMITED);
        *request.body_mut() = Some(question.arguments.clone().into());
        self.fill(request.headers_mut(), question.cx)?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = question.key {
            headers.insert(KEY, value(key.to_string())?);
        }
        Ok(request)
    }

    /// Says who asks, until when, as part of what.
    pub(super) fn fill(&self, headers: &mut HeaderMap, cx: &CallContext) -> Result<(), AttemptFailure> {
        let remaining = u64::try_from(cx.deadline.remaining().as_millis()).unwrap_or(u64::MAX);
        if remaining == 0 {
            return Err(AttemptFailure::Late);
        }
        let token = self
            .tokens
            .token(&self.group, &cx.principal)
            .map_err(AttemptFailure::NoToken)?;
        let mut bearer = value(["Bearer ", &token].concat())?;
        bearer.set_sensitive(true);
        headers.reserve(8);
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(REQUEST_ID, value(cx.request_id.to_string())?);
        headers.insert(DEADLINE, HeaderValue::from(remaining));
        headers.insert(DEPTH, HeaderValue::from(u16::from(cx.depth)));
        if let Some(trace) = &cx.trace {
            headers.insert(TRACEPARENT, value(trace.to_string())?);
        }
        Ok(())
    }

    async fn heard(&self, response: Response) -> Result<Heard, AttemptFailure> {
        let status = response.status();
        match response.headers().get(RPC).map(HeaderValue::as_bytes) {
            Some(b"answer") if status == StatusCode::OK => Ok(Heard::Answer(self.body(response).await?)),
            Some(b"error") => Ok(Heard::Error {
                unavailable: status == StatusCode::SERVICE_UNAVAILABLE,
                error: self.body(response).await?,
            }),
            Some(b"stream") if status == StatusCode::OK => Ok(Heard::Stream(response)),
            Some(b"refused") if status == StatusCode::UNAUTHORIZED => Err(AttemptFailure::LogInEnded),
            Some(_) => Err(AttemptFailure::Foreign(status)),
            None => match status {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                    Err(AttemptFailure::Misconfigured(status))
                }
                _ => Err(AttemptFailure::Foreign(status)),
            },
        }
    }

    /// The whole body. One that came in one piece, as most do, is not copied.
    pub(super) async fn body(&self, mut response: Response) -> Result<Bytes, AttemptFailure> {
        let limit = self.policy.answer_limit;
        let told = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
        if told > limit {
            return Err(AttemptFailure::TooLarge(limit));
        }
        let Some(first) = response.chunk().await.map_err(AttemptFailure::Transport)? else {
            return Ok(Bytes::new());
        };
        let Some(second) = response.chunk().await.map_err(AttemptFailure::Transport)? else {
            return Ok(first);
        };
        let mut body = BytesMut::with_capacity(told.max(first.len() + second.len()));
        body.extend_from_slice(&first);
        body.extend_from_slice(&second);
        while let Some(next) = response.chunk().await.map_err(AttemptFailure::Transport)? {
            if body.len() + next.len() > limit {
                return Err(AttemptFailure::TooLarge(limit));
            }
            body.extend_from_slice(&next);
        }
        Ok(body.freeze())
    }
}

fn value(text: String) -> Result<HeaderValue, AttemptFailure> {
    HeaderValue::from_maybe_shared(Bytes::from(text))
        .map_err(|error| AttemptFailure::Unsendable(error.into()))
}
