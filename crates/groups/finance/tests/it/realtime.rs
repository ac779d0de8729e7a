use crate::setting::{Setting, id};
use futures::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::Login;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};
use trust::RevocationEvent;

const PATIENCE: Duration = Duration::from_secs(20);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(setting: &Setting, login: &Login, query: &str) -> Socket {
    let address = format!("ws://{}/ws/transactions{query}", setting.server.address());
    let mut request = address.into_client_request().unwrap();
    let bearer = format!("Bearer {}", login.token).parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    tokio_tungstenite::connect_async(request).await.unwrap().0
}

/// The next text.
async fn told(socket: &mut Socket) -> Value {
    loop {
        let next = timeout(PATIENCE, socket.next()).await.expect("nothing is told");
        if let Message::Text(text) = next.unwrap().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

async fn say(socket: &mut Socket, message: &Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

#[tokio::test]
async fn a_transaction_is_answered_to_its_sender_and_told_to_who_may_see_it() {
    let setting = Setting::new().await;
    let mut sender = open(&setting, &setting.client, "").await;
    let mut advisor = open(&setting, &setting.advisor, "").await;
    let mut stranger = open(&setting, &setting.other_advisor, "").await;
    for socket in [&mut sender, &mut advisor, &mut stranger] {
        assert_eq!(told(socket).await["event"], "ready");
    }
    let message =
        json!({ "event": "create_transaction", "id": "s-1", "data": { "type": "expense", "amount": 12.5 } });
    say(&mut sender, &message).await;
    let mut both = [told(&mut sender).await, told(&mut sender).await];
    both.sort_by_key(|told| told["event"].to_string());
    let [news, answer] = both;
    assert_eq!(answer["event"], "transaction_created", "{answer}");
    assert_eq!(answer["id"], "s-1");
    assert_eq!(answer["data"]["status"], "success");
    assert_eq!(news["event"], "new_transaction", "{news}");
    assert_eq!(news["data"]["id"], answer["data"]["transaction_id"]);
    let seen = told(&mut advisor).await;
    assert_eq!(seen["data"]["id"], answer["data"]["transaction_id"]);

    // The same id again is the same transaction, and no news.
    say(&mut sender, &message).await;
    let again = told(&mut sender).await;
    assert_eq!(
        again["data"]["transaction_id"], answer["data"]["transaction_id"],
        "{again}"
    );
    say(
        &mut sender,
        &json!({ "event": "create_transaction", "data": { "type": "gift", "amount": 1 } }),
    )
    .await;
    let refused = told(&mut sender).await;
    assert_eq!(refused["event"], "error", "{refused}");
    assert_eq!(refused["data"]["details"][0]["field"], "params.type");

    // What the stranger is told first is the stranger's own.
    setting
        .post(&setting.other_advisor, &json!({ "type": "income", "amount": 1 }))
        .await;
    let own = told(&mut stranger).await;
    assert_eq!(own["data"]["amount"].to_string(), "1.00", "{own}");

    // Who comes back with the place misses nothing.
    let after = news["seq"].as_u64().unwrap() - 1;
    let mut back = open(&setting, &setting.client, &format!("?after={after}")).await;
    assert_eq!(told(&mut back).await["event"], "ready");
    assert_eq!(told(&mut back).await, news);
}

#[tokio::test]
async fn a_ticket_opens_one_stream() {
    let setting = Setting::new().await;
    let issued = setting
        .server
        .post("/api/v1/events/ticket", &setting.user.token, &json!({}))
        .await;
    assert_eq!(issued.status, 200, "{}", issued.text);
    let path = format!("/api/v1/events?ticket={}", issued["ticket"].as_str().unwrap());
    let stream = setting
        .server
        .request(Method::GET, &path, None)
        .send()
        .await
        .unwrap();
    assert_eq!(stream.status(), 200);
    drop(stream);
    for path in [
        path.as_str(),
        "/api/v1/events",
        "/api/v1/events?ticket=made-up",
        "/ws/transactions",
    ] {
        let refused = setting.server.get(path, "").await;
        assert_eq!(refused.status, 401, "{path}: {}", refused.text);
    }
    let no_upgrade = setting.server.get("/ws/transactions", &setting.user.token).await;
    assert_eq!(no_upgrade.status, 400, "{}", no_upgrade.text);
}

#[tokio::test]
async fn the_report_comes_at_once_and_whenever_it_changes() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    let request = setting
        .server
        .request(Method::GET, "/api/v1/events", Some(&setting.user.token));
    let stream = request.send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut events = Events::of(stream);
    let (first, report) = events.next().await;
    assert_eq!(report["transactions"], 0);
    let body = json!({ "type": "income", "amount": 3, "account_id": id(&account) });
    setting.post(&setting.user, &body).await;
    let (second, report) = loop {
        let (id, report) = events.next().await;
        if id != first {
            break (id, report);
        }
    };
    assert_eq!(report["transactions"], 1, "{report}");
    // Nothing changes: it is said again after the interval.
    assert_eq!(events.next().await.0, second);

    // Who comes back with the last one waits for the next.
    let request = setting
        .server
        .request(Method::GET, "/api/v1/events", Some(&setting.user.token));
    let stream = request.header("Last-Event-ID", &second).send().await.unwrap();
    let mut back = Events::of(stream);
    setting.post(&setting.user, &body).await;
    let (_, report) = loop {
        let next = back.next().await;
        if next.0 != second {
            break next;
        }
    };
    assert_eq!(report["transactions"], 2, "{report}");
}

#[tokio::test]
async fn streams_end_when_the_log_in_is_taken_back_and_when_the_process_stops() {
    let setting = Setting::new().await;
    let mut socket = open(&setting, &setting.user, "").await;
    let mut other = open(&setting, &setting.admin, "").await;
    told(&mut socket).await;
    told(&mut other).await;
    let ended = RevocationEvent::SessionRevoked {
        session: setting.user.principal.session,
        at: setting.harness.sources.now(),
    };
    setting.harness.verifier.revocations().apply(ended);
    assert_eq!(code(&mut socket).await, CloseCode::Policy);
    let (closed, ()) = tokio::join!(code(&mut other), async {
        assert!(setting.server.stop().await);
    });
    assert_eq!(closed, CloseCode::Restart);
}

async fn code(socket: &mut Socket) -> CloseCode {
    loop {
        let next = timeout(PATIENCE, socket.next()).await.expect("it stays open");
        if let Message::Close(Some(frame)) = next.unwrap().unwrap() {
            return frame.code;
        }
    }
}

/// The events of a stream.
struct Events {
    stream: std::pin::Pin<Box<dyn futures::Stream<Item = reqwest::Result<Vec<u8>>> + Send>>,
    text: String,
}

impl Events {
    fn of(answer: reqwest::Response) -> Self {
        let stream = answer
            .bytes_stream()
            .map(|bytes| bytes.map(|bytes| bytes.to_vec()));
        Self {
            stream: Box::pin(stream),
            text: String::new(),
        }
    }

    /// The next event: its id and data.
    async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    event
                        .lines()
                        .find_map(|line| line.strip_prefix(name).map(str::to_owned))
                };
                if let Some(id) = field("id: ") {
                    return (id, serde_json::from_str(&field("data: ").unwrap()).unwrap());
                }
                continue;
            }
            let bytes = timeout(PATIENCE, self.stream.next())
                .await
                .expect("nothing comes");
            self.text += &String::from_utf8(bytes.unwrap().unwrap()).unwrap();
        }
    }
}
