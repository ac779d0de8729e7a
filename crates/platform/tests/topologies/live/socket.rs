use crate::world::{User, World};
use futures::{SinkExt, StreamExt};
use serde_json::Value;
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::CloseFrame},
};

/// How long something may take that happens by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open socket of transactions.
pub(super) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens it through the address of all; the first word was `ready`.
    pub(super) async fn open(world: &World, user: &User, query: &str) -> Self {
        let bearer = format!("Bearer {}", user.token);
        let mut socket = Self::try_open(world, query, &[("authorization", &bearer)])
            .await
            .unwrap();
        assert_eq!(socket.told().await["event"], "ready");
        socket
    }

    /// Opens it; the status where it is refused.
    pub(super) async fn try_open(world: &World, query: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let address = world.base_url().replace("http://", "ws://");
        let mut request = format!("{address}/ws/transactions{query}")
            .into_client_request()
            .unwrap();
        for (name, value) in headers {
            let name: tokio_tungstenite::tungstenite::http::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("no answer: {error}"),
        }
    }

    pub(super) async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next text.
    pub(super) async fn told(&mut self) -> Value {
        loop {
            let next = timeout(PATIENCE, self.0.next()).await.expect("nothing is told");
            if let Message::Text(text) = next.expect("the socket ended").unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// The next text about this.
    pub(super) async fn told_of(&mut self, event: &str) -> Value {
        loop {
            let told = self.told().await;
            if told["event"] == event {
                return told;
            }
        }
    }

    /// Why it was closed.
    pub(super) async fn closed(&mut self) -> Option<CloseFrame> {
        loop {
            let next = timeout(PATIENCE, self.0.next()).await.expect("it stays open");
            match next {
                Some(Ok(Message::Close(frame))) => return frame,
                Some(Ok(_)) => {}
                other => panic!("it ended without a word: {other:?}"),
            }
        }
    }
}
