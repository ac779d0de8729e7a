use super::{LOOK, Live};
use crate::{Answer, Failure};
use actix_web::{HttpRequest, rt, web::Payload};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Session};
use futures::future::LocalBoxFuture;
use kernel::{ErrorKind, UserPrincipal};
use tokio::time::Instant;

/// The most bytes of one message.
const LARGEST: usize = 64 * 1024;

/// What is said over a WebSocket. Texts both ways.
pub trait Talk: 'static {
    /// What is said first.
    fn begin(&mut self) -> LocalBoxFuture<'_, Vec<String>>;

    /// What is answered to a text of the client.
    fn hear(&mut self, text: String) -> LocalBoxFuture<'_, Vec<String>>;

    /// Waits for news and answers them. Given up and asked again whenever something else happens first: what it had
    /// found by then must be found again.
    fn news(&mut self) -> LocalBoxFuture<'_, Vec<String>>;
}

enum Happened {
    Leaving,
    Look,
    News(Vec<String>),
    Heard(Option<Result<AggregatedMessage, actix_ws::ProtocolError>>),
}

/// Opens a WebSocket for this user. It is closed with 1012 when the process stops, and with 1008 when the log-in is taken
/// back.
pub fn socket(
    request: &HttpRequest,
    payload: Payload,
    live: Live,
    user: UserPrincipal,
    talk: impl Talk,
) -> Answer {
    let (answer, session, messages) = actix_ws::handle(request, payload).map_err(|_| {
        Failure::new(
            ErrorKind::Malformed,
            "this is a WebSocket: open it with Connection: Upgrade",
        )
    })?;
    let messages = messages
        .max_frame_size(LARGEST)
        .aggregate_continuations()
        .max_continuation_size(LARGEST);
    drop(rt::spawn(converse(live, user, session, messages, talk)));
    Ok(answer)
}

async fn converse(
    live: Live,
    user: UserPrincipal,
    mut session: Session,
    mut messages: AggregatedMessageStream,
    mut talk: impl Talk,
) {
    let mut leaving = Box::pin(live.leaving());
    let mut look = tokio::time::interval_at(Instant::now() + LOOK, LOOK);
    let mut say = talk.begin().await;
    loop {
        for text in say.drain(..) {
            if session.text(text).await.is_err() {
                return;
            }
        }
        let happened = tokio::select! {
            biased;
            () = &mut leaving => Happened::Leaving,
            _ = look.tick() => Happened::Look,
            message = messages.recv() => Happened::Heard(message),
            news = talk.news() => Happened::News(news),
        };
        if live.is_revoked(&user) {
            return close(session, CloseCode::Policy, "this log-in was ended").await;
        }
        say = match happened {
            Happened::Leaving => {
                return close(session, CloseCode::Restart, "the process stops: come back").await;
            }
            Happened::Look => match session.ping(b"").await {
                Ok(()) => Vec::new(),
                Err(_) => return,
            },
            Happened::News(news) => news,
            Happened::Heard(Some(Ok(AggregatedMessage::Text(text)))) => talk.hear(text.to_string()).await,
            Happened::Heard(Some(Ok(AggregatedMessage::Ping(bytes)))) => match session.pong(&bytes).await {
                Ok(()) => Vec::new(),
                Err(_) => return,
            },
            Happened::Heard(Some(Ok(AggregatedMessage::Pong(_)))) => Vec::new(),
            Happened::Heard(Some(Ok(AggregatedMessage::Binary(_)))) => {
                return close(session, CloseCode::Unsupported, "send JSON as text").await;
            }
            Happened::Heard(Some(Err(_))) => {
                return close(session, CloseCode::Size, "a message is at most 64 KiB").await;
            }
            Happened::Heard(Some(Ok(AggregatedMessage::Close(reason)))) => {
                // Whether it arrives is no matter: the client has said goodbye.
                let _ = session.close(reason).await;
                return;
            }
            Happened::Heard(None) => return,
        };
    }
}

async fn close(session: Session, code: CloseCode, why: &str) {
    let reason = CloseReason {
        code,
        description: Some(why.to_owned()),
    };
    // Whether it arrives is no matter: the connection ends.
    let _ = session.close(Some(reason)).await;
}
