//! WebSockets go through as they are.

use super::stage::{answering, edge, ok, upstream};
use futures::{SinkExt, StreamExt};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, time::timeout};
use tokio_tungstenite::{
    accept_hdr_async, connect_async,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        handshake::server::{Request, Response},
        http::HeaderValue,
        protocol::frame::coding::CloseCode,
    },
};

/// Echoes, agrees to the protocol `chat.v2`, and tells when the client has left; the word `leave` makes it leave.
async fn echo(left: Arc<Notify>) -> std::net::SocketAddr {
    upstream(move |stream| {
        let left = left.clone();
        async move {
            #[expect(clippy::result_large_err, reason = "the signature is the library's")]
            let greet = |request: &Request, mut response: Response| {
                assert_eq!(request.uri().path(), "/far/ws");
                assert_eq!(request.headers()["sec-websocket-protocol"], "chat.v2");
                let agreed = HeaderValue::from_static("chat.v2");
                response.headers_mut().insert("sec-websocket-protocol", agreed);
                Ok(response)
            };
            let mut socket = accept_hdr_async(stream, greet).await.unwrap();
            while let Some(Ok(message)) = socket.next().await {
                match message {
                    Message::Text(text) if text.as_str() == "leave" => break,
                    Message::Text(_) | Message::Binary(_) => socket.send(message).await.unwrap(),
                    _ => {}
                }
            }
            let _ = socket.close(None).await;
            left.notify_one();
        }
    })
    .await
}

fn request(address: std::net::SocketAddr) -> tokio_tungstenite::tungstenite::handshake::client::Request {
    let mut request = format!("ws://{address}/far/ws").into_client_request().unwrap();
    let wanted = HeaderValue::from_static("chat.v2");
    request.headers_mut().insert("sec-websocket-protocol", wanted);
    request
}

#[tokio::test]
async fn messages_go_both_ways_and_a_close_reaches_the_group() {
    let left = Arc::new(Notify::new());
    let edge = edge(&[echo(left.clone()).await]).await;
    let (mut socket, answer) = connect_async(request(edge.address)).await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], "chat.v2");
    assert!(answer.headers().contains_key("x-request-id"));
    for message in [
        Message::text("first"),
        Message::binary(vec![7; 200_000]),
        Message::text("last"),
    ] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
    timeout(Duration::from_secs(20), left.notified()).await.unwrap();
}

#[tokio::test]
async fn a_client_that_vanishes_is_noticed_by_the_group() {
    let left = Arc::new(Notify::new());
    let edge = edge(&[echo(left.clone()).await]).await;
    let (socket, _) = connect_async(request(edge.address)).await.unwrap();
    drop(socket);
    timeout(Duration::from_secs(20), left.notified()).await.unwrap();
}

#[tokio::test]
async fn a_group_that_leaves_closes_the_clients_socket() {
    let edge = edge(&[echo(Arc::default()).await]).await;
    let (mut socket, _) = connect_async(request(edge.address)).await.unwrap();
    socket.send(Message::text("leave")).await.unwrap();
    let last = timeout(Duration::from_secs(20), socket.next()).await.unwrap();
    assert!(matches!(last, Some(Ok(Message::Close(_)))), "{last:?}");
    let end = timeout(Duration::from_secs(20), async {
        while socket.next().await.is_some() {}
    });
    end.await.unwrap();
}

#[tokio::test]
async fn a_process_that_stops_asks_its_clients_to_come_back() {
    let left = Arc::new(Notify::new());
    let edge = edge(&[echo(left.clone()).await]).await;
    let (mut socket, _) = connect_async(request(edge.address)).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    assert!(socket.next().await.unwrap().is_ok());
    let (finished, last) = tokio::join!(edge.server.stop(true), socket.next());
    assert!(finished);
    match last {
        Some(Ok(Message::Close(Some(frame)))) => assert_eq!(frame.code, CloseCode::Restart),
        other => panic!("{other:?}"),
    }
    timeout(Duration::from_secs(20), left.notified()).await.unwrap();
}

#[tokio::test]
async fn a_group_that_wants_no_socket_says_so() {
    let (group, _) = answering(ok("no")).await;
    let edge = edge(&[group]).await;
    let refused = connect_async(request(edge.address)).await.unwrap_err();
    assert!(refused.to_string().contains("200"), "{refused}");
}
