use super::{Request, document::Operation, valid::Facts};
use crate::{
    attacks::target::{Target, answer, try_answer},
    deployment::{ADMIN, Conditions, Topology},
    world::PASSWORD,
};
use chrono::TimeDelta;
use events::MAX_FEED_PAGE;
use kernel::{CallContext, EventEnvelope, TenantId};
use reqwest::{Method, header::HeaderValue};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use testkit::Reply;

/// A platform that is served, with an admin.
pub(super) struct Stage {
    target: Target,
    /// The last event of every group that was looked at.
    places: BTreeMap<&'static str, u64>,
    newcomers: u32,
    sent: AtomicUsize,
}

impl Stage {
    pub(super) async fn start(topology: Topology) -> Self {
        Self {
            target: Target::start(topology, &Conditions::platforms_away()).await,
            places: BTreeMap::new(),
            newcomers: 0,
            sent: AtomicUsize::new(0),
        }
    }

    /// How many requests were sent to operations.
    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    pub(super) async fn openapi(&self) -> Value {
        self.target.get("/openapi.json", "").await.body
    }

    pub(super) async fn send(
        &self,
        operation: &Operation,
        request: &Request,
        token: &str,
    ) -> Result<Reply, String> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let path = request.target(operation);
        let mut sent = self.target.request(operation.method.clone(), &path, token);
        for (name, value) in &request.headers {
            sent = sent.header(name, HeaderValue::from_bytes(value).unwrap());
        }
        if let Some((kind, bytes)) = request.body_bytes() {
            sent = sent.header("content-type", kind).body(bytes);
        }
        try_answer(sent).await
    }

    /// A fresh log-in of the admin, and fresh things for the valid request of an operation to name. Time passes, so that
    /// nobody waits for what the attacks before did wrong.
    pub(super) async fn facts(&mut self, operation: &Operation) -> Facts {
        self.target.deployment.clock().advance(TimeDelta::hours(1));
        self.newcomers += 1;
        let login = self
            .post(
                "/api/auth/login",
                "",
                &json!({ "email": ADMIN, "password": PASSWORD }),
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
        if matches!(group, "advisory" | "finance" | "wealth") {
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
        if group == "advisory" {
            let lead = json!({ "name": "Ravi", "advisor_id": advisor });
            facts.lead = text(&self.post("/api/v1/leads", &token, &lead).await["id"]);
            let goal = json!({
                "client_id": facts.client, "name": "House", "target_amount": 1000, "target_date": "2040-01-31"
            });
            facts.goal = text(&self.post("/api/v1/goals", &token, &goal).await["id"]);
            let household = json!({ "name": "Sharma", "advisor_id": advisor });
            facts.household = text(&self.post("/api/v1/clients/households", &token, &household).await["id"]);
        }
        if group == "wealth" {
            let body = json!({ "name": "Core", "user_id": facts.owner });
            facts.portfolio = text(&self.post("/api/v1/portfolios", &token, &body).await["id"]);
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
        let mut events = Vec::new();
        for info in platform::known_groups() {
            let (group, platform) = (info.name, self.target.deployment.process_of(info.name).platform());
            let cx = CallContext::system("test", TenantId::DEFAULT, platform.sources().ids());
            let feeds = platform.handles().feeds();
            let feed = &feeds.iter().find(|(name, _)| **name == *group).unwrap().1;
            let place = self.places.entry(group).or_default();
            loop {
                let cx = cx
                    .clone()
                    .with_deadline(kernel::Deadline::within(std::time::Duration::from_secs(10)));
                let page = feed.read(&cx, *place, MAX_FEED_PAGE, 0).await.unwrap();
                events.extend(page.events.into_iter().map(Arc::unwrap_or_clone));
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
        self.good(Method::GET, path, token, None).await
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        self.good(Method::POST, path, token, Some(body)).await
    }

    async fn good(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> Value {
        let mut request = self.target.request(method, path, token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let reply = answer(request).await;
        assert!(reply.status < 300, "{path}: {}", reply.text);
        reply.body
    }
}
