//! A group in another process is relied on only once it has shown a contract that fits.

use crate::served::Served;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A process in another language that stands in for advisory, written from `contract.json` alone: it shows its contract,
/// whatever that is at the moment.
struct Stranger {
    contract: Mutex<Value>,
    tasks: kernel::Tasks,
}

impl Stranger {
    /// What advisory promises, with a change.
    fn contract(change: impl FnOnce(&mut Value)) -> Value {
        let mut contract = serde_json::to_value(advisory_contract::contract()).unwrap();
        change(&mut contract);
        contract
    }

    async fn start(contract: Value) -> (Arc<Self>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let stranger = Arc::new(Self {
            contract: Mutex::new(contract),
            tasks: kernel::Tasks::new(),
        });
        let answering = stranger.clone();
        stranger.tasks.spawn(async move {
            let stopping = answering.tasks.token();
            let serve = async {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    answering.answer(stream).await;
                }
            };
            stopping.run_until_cancelled(serve).await;
        });
        (stranger, address)
    }

    async fn answer(&self, mut stream: tokio::net::TcpStream) {
        let mut request = Vec::new();
        let mut part = [0; 4096];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut part).await {
                Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
                _ => return,
            }
        }
        let (status, body) = match request.starts_with(b"GET /rpc/advisory/contract ") {
            true => ("200 OK", self.contract.lock().unwrap().to_string()),
            false => ("200 OK", "{}".to_owned()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-rpc: answer\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream
            .write_all([head.as_bytes(), body.as_bytes()].concat().as_slice())
            .await;
    }
}

/// Auth and finance here, advisory at this address.
async fn without_advisory(address: &str) -> Served {
    let remotes = vec![address.to_owned()];
    Served::with(|settings| {
        settings.server.groups = vec!["auth".into(), "finance".into()];
        settings.topology.remotes.insert("advisory".to_owned(), remotes);
    })
    .await
}

/// What `/ready` says of advisory once that is all that is missing.
async fn complaint(served: &Served) -> String {
    testkit::eventually("a complaint about advisory alone", || async {
        let ready = served.get("/ready", "").await;
        let details = ready.body["details"].as_array().cloned().unwrap_or_default();
        let [complaint] = details.as_slice() else {
            return None;
        };
        let text = complaint["message"].as_str()?.to_owned();
        (ready.status == 503 && complaint["field"] == "advisory" && text.contains("another contract"))
            .then_some(text)
    })
    .await
}

async fn is_ready(served: &Served) {
    testkit::eventually("the process is ready", || async {
        (served.get("/ready", "").await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breaking_contract_keeps_the_process_not_ready_and_is_named() {
    let broken = Stranger::contract(|contract| {
        contract["contracts"]["advisory.book"]["methods"]["link"]["arguments"] = json!({
            "type": "object",
            "properties": { "user": { "type": "string", "format": "uuid" }, "firm": { "type": "string" } },
            "required": ["user", "firm"],
        });
    });
    let (stranger, address) = Stranger::start(broken).await;
    let served = without_advisory(&address).await;
    let complaint = complaint(&served).await;
    assert!(complaint.contains("advisory.book"), "{complaint}");
    assert!(complaint.contains("link"), "{complaint}");
    assert!(complaint.contains("firm"), "{complaint}");

    // A newer version that only has more fits, without anybody being restarted.
    *stranger.contract.lock().unwrap() = Stranger::contract(|contract| {
        let book = &mut contract["contracts"]["advisory.book"]["methods"];
        book["count"] = book["link"].clone();
    });
    is_ready(&served).await;
    served.stop().await;
    stranger.tasks.stop(std::time::Duration::from_secs(1)).await;
}
