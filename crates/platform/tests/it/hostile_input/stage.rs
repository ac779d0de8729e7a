use super::{Request, document::Operation, valid::Facts};
use crate::served;
use events::MAX_FEED_PAGE;
use kernel::{CallContext, EventEnvelope, Role, TenantId};
use platform::{Platform, PlatformParts, RunningPlatform};
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};
use tempfile::TempDir;

pub(super) const EMAIL: &str = "admin@example.com";
pub(super) const PASSWORD: &str = "correct horse battery";

/// A platform that is served, with an admin.
pub(super) struct Stage {
    running: RunningPlatform,
    client: reqwest::Client,
    /// The last event of every group that was looked at.
    places: BTreeMap<&'static str, u64>,
    newcomers: u32,
    sent: AtomicUsize,
    _directory: TempDir,
}

/// An answer, read to its end.
pub(super) struct Reply {
    pub(super) status: u16,
    headers: HeaderMap,
    pub(super) text: String,
    pub(super) body: Value,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Stage {
    pub(super) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut settings = served::settings(&directory);
        // Nobody listens there: outside platforms are away.
        settings.integrations.triplewhale_url = "http://127.0.0.1:1/".parse().unwrap();
        let platform = Platform::assemble(PlatformParts::of_process(settings))
            .await
            .unwrap();
        platform
            .ensure_user(EMAIL, PASSWORD, "Admin", Role::Admin)
            .await
            .unwrap();
        Self {
            running: platform.serve().await.unwrap(),
            client: runtime::http::client().unwrap(),
            places: BTreeMap::new(),
            newcomers: 0,
            sent: AtomicUsize::new(0),
            _directory: directory,
        }
    }

    /// How many requests were sent to operations.
    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    pub(super) async fn stop(self) {
        self.running.stop().await;
    }

    pub(super) async fn openapi(&self) -> Value {
        let request = self.client.get(self.address("/openapi.json"));
        answer(request).await.unwrap().body
    }

    pub(super) async fn send(
        &self,
        operation: &Operation,
        request: &Request,
        token: &str,
    ) -> Result<Reply, String> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let target = self.address(&request.target(operation));
        let mut sent = self.client.request(operation.method.clone(), target);
        sent = sent.bearer_auth(token);
        for (name, value) in &request.headers {
            sent = sent.header(name, HeaderValue::from_bytes(value).unwrap());
        }
        if let Some((kind, bytes)) = request.body_bytes() {
            sent = sent.header("content-type", kind).body(bytes);
        }
        answer(sent).await
    }

    /// A fresh log-in of the admin, and fresh things for the valid request of an operation to name.
    pub(super) async fn facts(&mut self, operation: &Operation) -> Facts {
        self.newcomers += 1;
        let login = self
            .post(
                "/api/auth/login",
                "",
                &json!({ "email": EMAIL, "password": PASSWORD }),
            )
            .await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let token = text(&login["access_token"]);
        let advisor = text(&self.newcomer("advisor").await["id"]);
        let mut facts = Facts {
            refresh_token: text(&login["refresh_token"]),
            fresh_email: format!("fresh{}@example.com", self.newcomers),
            session: text(&self.get("/api/auth/sessions", &token).await[0]["id"]),
            advisor: advisor.clone(),
            token: token.clone(),
            ..Facts::default()
        };
        let group = operation.id.split('_').next().unwrap_or_default();
        if matches!(group, "advisory" | "finance") {
            let body = json!({ "client_name": "Priya Sharma", "advisor_id": advisor });
            let client = self.post("/api/v1/clients", &token, &body).await;
            (facts.client, facts.owner) = (text(&client["id"]), text(&client["user_id"]));
        }
        if group == "finance" {
            let body = json!({ "name": "Savings", "kind": "savings", "user_id": facts.owner });
            facts.account = text(&self.post("/api/v1/accounts", &token, &body).await["id"]);
            facts.empty_account = text(&self.post("/api/v1/accounts", &token, &body).await["id"]);
            let body =
                json!({ "type": "income", "amount": 1, "account_id": facts.account, "user_id": facts.owner });
            let posted = self.post("/api/v1/transactions", &token, &body).await;
            facts.transaction = text(&posted["transaction_id"]);
            let body = json!({
                "name": "Home", "categories": [{ "category": "food", "amount": 1 }], "user_id": facts.owner
            });
            facts.budget = text(&self.post("/api/v1/budget", &token, &body).await["id"]);
            let item = |sku: &str| json!({ "sku": sku, "name": "Rice", "user_id": facts.owner });
            let items = "/api/v1/inventory/items";
            let ordered = text(&self.post(items, &token, &item("ordered")).await["id"]);
            let made = text(&self.post(items, &token, &item("rice")).await["id"]);
            let body = json!({ "item_id": ordered });
            facts.reorder = text(&self.post("/api/v1/inventory/reorders", &token, &body).await["id"]);
            facts.item = made;
        }
        if operation.id.ends_with("_instance") {
            let body = json!({ "groups": ["finance"], "address": "http://127.0.0.1:9", "version": "1.0.0" });
            let path = "/api/infrastructure/registry/instances";
            facts.instance = text(&self.post(path, &token, &body).await["instance"]);
        }
        facts
    }

    /// From here on events count as new.
    pub(super) async fn forget_events(&mut self) {
        self.new_events().await;
    }

    /// What every group committed since it was looked at last.
    pub(super) async fn new_events(&mut self) -> Vec<EventEnvelope> {
        let platform = self.running.platform();
        let cx = CallContext::system("test", TenantId::DEFAULT, platform.sources().ids());
        let mut events = Vec::new();
        for (group, feed) in platform
            .handles()
            .feeds()
            .iter()
            .filter(|(_, feed)| feed.is_bound())
        {
            let place = self.places.entry(group).or_default();
            loop {
                let cx = cx
                    .clone()
                    .with_deadline(kernel::Deadline::within(std::time::Duration::from_secs(10)));
                let page = feed.read(&cx, *place, MAX_FEED_PAGE, 0).await.unwrap();
                events.extend(page.events);
                if page.read_to == *place {
                    break;
                }
                *place = page.read_to;
            }
        }
        events
    }

    async fn newcomer(&self, role: &str) -> Value {
        let email = format!("{role}{}@example.com", self.newcomers);
        let account = json!({ "email": email, "password": PASSWORD, "name": "New Comer", "role": role });
        self.post("/api/auth/register", "", &account).await
    }

    async fn get(&self, path: &str, token: &str) -> Value {
        let reply = answer(self.client.get(self.address(path)).bearer_auth(token))
            .await
            .unwrap();
        assert!(reply.status < 300, "{path}: {}", reply.text);
        reply.body
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let mut request = self.client.post(self.address(path)).json(body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let reply = answer(request).await.unwrap();
        assert!(reply.status < 300, "{path}: {}", reply.text);
        reply.body
    }

    fn address(&self, target: &str) -> String {
        format!("http://{}{target}", self.running.address())
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Reply, String> {
    let reply = request.send().await.map_err(|error| format!("{error:?}"))?;
    let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
    // A stream has no end: that it begins is the answer.
    let is_stream = headers
        .get("content-type")
        .is_some_and(|kind| kind == "text/event-stream");
    let text = match is_stream {
        true => String::new(),
        false => reply.text().await.map_err(|error| format!("{error:?}"))?,
    };
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Reply {
        status,
        headers,
        text,
        body,
    })
}
