//! A process ends, or a connection breaks, at the worst moment: when the mail was sent and nobody has said that it was taken.

use crate::setting::Setting;
use kernel::Tasks;
use runtime::settings::{MailSettings, MailTransport};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use testkit::eventually;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail server that takes a mail and never says so.
struct SilentServer {
    port: u16,
    taken: Arc<AtomicUsize>,
}

impl SilentServer {
    async fn start(setting: &Setting) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(AtomicUsize::new(0));
        let (counted, tasks) = (taken.clone(), setting.harness.tasks.clone());
        drop(setting.harness.tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counted = counted.clone();
                drop(tasks.spawn(async move { converse(stream, &counted).await }));
            }
        }));
        Self { port, taken }
    }

    fn settings(&self, setting: &Setting) -> MailSettings {
        MailSettings {
            port: self.port,
            ..setting.mail.settings()
        }
    }
}

async fn converse(stream: TcpStream, taken: &AtomicUsize) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 ready\r\n").await.ok()?;
    let mut in_mail = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let answer: &[u8] = match line.trim_end() {
            "." if in_mail => {
                taken.fetch_add(1, Ordering::SeqCst);
                continue;
            }
            _ if in_mail => continue,
            "DATA" => {
                in_mail = true;
                b"354 go on\r\n"
            }
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await.ok()?;
    }
}

/// A message that was sent off while the process that sends it ended.
async fn interrupted(setting: &Setting) -> Value {
    let client = json!({ "client_name": "Priya Sharma", "email": "priya@example.com" });
    let post = async |path: &str, body: &Value, status: u16| {
        let reply = setting.server.post(path, &setting.advisor.token, body).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text);
        reply.body
    };
    let client = post("/api/v1/clients", &client, 201).await;
    let draft = json!({ "client_id": client["id"], "subject": "Hello", "body": "All is well." });
    let message = post("/api/v1/communications", &draft, 201).await;
    let place = format!("/api/v1/communications/{}", message["id"].as_str().unwrap());
    post(&format!("{place}/approve"), &json!({}), 200).await;
    post(&format!("{place}/send"), &json!({}), 202).await;
    let silent = SilentServer::start(setting).await;
    let first = Tasks::new();
    setting.work_with(&silent.settings(setting), first.clone()).await;
    eventually("the mail has left", || async {
        (silent.taken.load(Ordering::SeqCst) == 1).then_some(())
    })
    .await;
    first.stop(Duration::from_secs(5)).await;
    message
}

async fn ends(setting: &Setting, message: &Value) -> Value {
    let place = format!("/api/v1/communications/{}", message["id"].as_str().unwrap());
    eventually("it is known what came of it", || async {
        let read = setting.server.get(&place, &setting.advisor.token).await;
        (read["status"] != "sending").then_some(read.body)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_arrived_is_not_sent_again_by_a_mail_server() {
    let setting = Setting::new().await;
    let message = interrupted(&setting).await;
    setting.work();
    let ended = ends(&setting, &message).await;
    assert_eq!(
        (&ended["status"], &ended["reason"]),
        (&json!("failed"), &json!("outcome_unknown"))
    );
    assert!(setting.mail.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_into_files_is_written_again_in_the_place_of_the_first() {
    let setting = Setting::new().await;
    let message = interrupted(&setting).await;
    let directory = setting.harness.directory().join("mail");
    let files = MailSettings {
        transport: MailTransport::File,
        directory: Some(directory.clone()),
        ..MailSettings::default()
    };
    setting.work_with(&files, setting.harness.tasks.clone()).await;
    let ended = ends(&setting, &message).await;
    assert_eq!(
        (&ended["status"], &ended["attempts"]),
        (&json!("sent"), &json!(2))
    );
    let written: Vec<_> = std::fs::read_dir(directory).unwrap().collect();
    assert_eq!(written.len(), 1, "{written:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_none_is_no_reason_to_send_again() {
    let setting = Setting::new().await;
    setting.mail.refuse_next("what is this");
    let client = json!({ "client_name": "Priya Sharma", "email": "priya@example.com" });
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let client = server.post("/api/v1/clients", token, &client).await;
    let draft = json!({ "client_id": client["id"], "subject": "Hello", "body": "All is well." });
    let message = server.post("/api/v1/communications", token, &draft).await;
    let place = format!("/api/v1/communications/{}", message["id"].as_str().unwrap());
    for step in ["approve", "send"] {
        let stepped = server.post(&format!("{place}/{step}"), token, &json!({})).await;
        assert!(stepped.status < 300, "{}", stepped.text);
    }
    setting.work();
    let ended = ends(&setting, &message.body).await;
    assert_eq!(
        (&ended["status"], &ended["reason"]),
        (&json!("failed"), &json!("outcome_unknown"))
    );
}
