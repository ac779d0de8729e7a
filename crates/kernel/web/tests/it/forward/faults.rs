//! What stands behind the edge is away, slow, or broken.

use super::stage::{answering, edge, edge_with, endpoints, eventually, nobody, ok, read_request, upstream};
use crate::fixture::{raw, refused, settings};
use rpc::ReadyProbe;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_group_that_is_nowhere_is_away() {
    for addresses in [vec![], vec![nobody()]] {
        let edge = edge(&addresses).await;
        let error = refused(edge.get("/far/x").send().await.unwrap(), 503).await;
        assert_eq!(error.error, "dependency_unavailable");
        assert!(error.message.contains("far"), "{}", error.message);
        assert_eq!(
            edge.get("/api/who").send().await.unwrap().status(),
            200,
            "the rest is well"
        );
    }
}

#[tokio::test]
async fn an_address_without_a_listener_drops_out_and_others_answer() {
    let (group, asked) = answering(ok("fine")).await;
    let dead = nobody();
    let addresses = endpoints(&[dead, group]);
    let edge = edge_with(settings(), addresses.clone()).await;
    for _ in 0..4 {
        let answer = edge.post("/far/x").body("once").send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "fine");
    }
    assert_eq!(asked.lock().unwrap().len(), 4);
    let expected = [
        (format!("http://{dead}"), false),
        (format!("http://{group}"), true),
    ];
    assert_eq!(addresses.all(), expected);
}

#[tokio::test]
async fn an_address_comes_back_when_it_listens_again() {
    let dead = nobody();
    let addresses = endpoints(&[dead]);
    let edge = edge_with(settings(), addresses.clone()).await;
    refused(edge.get("/far/x").send().await.unwrap(), 503).await;
    assert!(!addresses.any_healthy());
    addresses.start_probing(&edge.tasks, ReadyProbe::new(runtime::http::client().unwrap()));
    let listener = tokio::net::TcpListener::bind(dead).await.unwrap();
    kernel::Tasks::new().spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            kernel::Tasks::new().spawn(async move {
                while read_request(&mut stream).await.is_some() {
                    stream.write_all(ok("back").as_bytes()).await.unwrap();
                }
            });
        }
    });
    eventually("it is back", async || addresses.any_healthy()).await;
    let answer = edge.get("/far/x").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "back");
}

/// Answers the first request of each connection and closes it at the second, without an answer.
async fn forgetful() -> (SocketAddr, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    let address = upstream(move |mut stream| {
        let count = count.clone();
        async move {
            for answer in [Some("first"), None] {
                let Some(request) = read_request(&mut stream).await else {
                    return;
                };
                count.fetch_add(1, Ordering::SeqCst);
                if let Some(answer) = answer {
                    let body = request.split_once("\r\n\r\n").unwrap().1;
                    let answer = ok(&format!("{answer} {body}"));
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            }
        }
    })
    .await;
    (address, requests)
}

#[tokio::test]
async fn a_connection_that_was_closed_costs_a_repeatable_request_nothing() {
    let (group, requests) = forgetful().await;
    let mut settings = settings();
    settings.server.workers = 1;
    let edge = edge_with(settings, endpoints(&[group])).await;
    for _ in 0..3 {
        let answer = edge.get("/far/x").send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "first ");
    }
    for _ in 0..3 {
        let posted = edge.post("/far/x").header("idempotency-key", "k").body("paid");
        assert_eq!(posted.send().await.unwrap().text().await.unwrap(), "first paid");
    }
    assert!(requests.load(Ordering::SeqCst) > 6, "connections are used again");
}

/// A process that stops takes connections from the socket that its successor has as well, and closes them.
#[tokio::test]
async fn a_process_that_is_being_replaced_costs_a_repeatable_request_nothing() {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = taken.clone();
    let group = upstream(move |mut stream| {
        let turn = count.fetch_add(1, Ordering::SeqCst);
        async move {
            while read_request(&mut stream).await.is_some() {
                if turn < 2 {
                    return;
                }
                stream.write_all(ok("the successor").as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    let edge = edge(&[group]).await;
    let answer = edge.get("/far/x").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "the successor");
    assert_eq!(taken.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_must_not_happen_twice_is_sent_once() {
    let (group, requests) = forgetful().await;
    let mut settings = settings();
    settings.server.workers = 1;
    let edge = edge_with(settings, endpoints(&[group])).await;
    let first = edge.post("/far/x").body("a").send().await.unwrap();
    assert_eq!(first.text().await.unwrap(), "first a");
    let second = edge.post("/far/x").body("b").send().await.unwrap();
    assert_eq!(refused(second, 503).await.error, "dependency_unavailable");
    assert_eq!(requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn no_answer_in_time_is_504() {
    let silent =
        upstream(|mut stream| async move { while read_request(&mut stream).await.is_some() {} }).await;
    let mut settings = settings();
    settings.http.request_timeout_seconds = 1;
    let edge = edge_with(settings, endpoints(&[silent])).await;
    let error = refused(edge.get("/far/x").send().await.unwrap(), 504).await;
    assert_eq!(error.error, "timeout");
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_no_answer() {
    for garbage in ["garbage\r\n\r\n", "HTTP/1.1 two hundred\r\n\r\n", "\0\0\0\0", ""] {
        let group = upstream(move |mut stream| async move {
            let _ = read_request(&mut stream).await;
            let _ = stream.write_all(garbage.as_bytes()).await;
        })
        .await;
        let edge = edge(&[group]).await;
        let error = refused(edge.get("/far/x").send().await.unwrap(), 503).await;
        assert_eq!(error.error, "dependency_unavailable", "{garbage:?}");
    }
}

#[tokio::test]
async fn an_error_page_is_put_into_the_contract() {
    let page = "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>";
    let (group, _) = answering(page).await;
    let edge = edge(&[group]).await;
    refused(edge.get("/far/x").send().await.unwrap(), 502).await;
}

#[tokio::test]
async fn an_answer_that_is_cut_is_cut_for_the_client() {
    for cut in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let group = upstream(move |mut stream| async move {
            let _ = read_request(&mut stream).await;
            let _ = stream.write_all(cut.as_bytes()).await;
        })
        .await;
        let edge = edge(&[group]).await;
        let answer = edge.get("/far/x").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.bytes().await.is_err(), "a part is not taken for the whole");
        let bytes = raw(edge.address, b"GET /far/x HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(!bytes.ends_with("0\r\n\r\n"), "{bytes}");
    }
}

#[tokio::test]
async fn a_redirect_is_passed_on_and_not_followed() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://elsewhere.test/x\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n";
    let (group, asked) = answering(redirect).await;
    let edge = edge(&[group]).await;
    let answer = edge.get("/far/x").send().await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], "http://elsewhere.test/x");
    let cookies = answer.headers().get_all("set-cookie").iter().count();
    assert_eq!((cookies, asked.lock().unwrap().len()), (2, 1));
}
