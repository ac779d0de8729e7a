//! The group behind the real shell, over a real store, with a clock that stands still.

use auth::{AuthNeeds, AuthPolicy, NewUser, PasswordCost};
use auth_contract::{Revocations, UserSummary, Users};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use events::{EventMetrics, Projection};
use kernel::{CallContext, Email, EventEnvelope, Role, Sources};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Collection, Store};
use testkit::{Harness, Reply, TestServer};

pub(crate) const PASSWORD: &str = "correct horse";

/// The running group, and what a test holds of it.
pub(crate) struct House {
    pub(crate) sources: Sources,
    pub(crate) store: Store,
    pub(crate) users: Arc<dyn Users>,
    pub(crate) revocations: Arc<dyn Revocations>,
    pub(crate) accounts: auth::Accounts,
    pub(crate) audit_log: auth::AuditLog,
    pub(crate) audit_projection: Arc<dyn Projection>,
    pub(crate) mount: web::Mount,
    harness: Harness,
    server: TestServer,
}

/// The cheapest hashing that Argon2 knows: these tests are not about its price.
pub(crate) fn cheap() -> PasswordCost {
    PasswordCost {
        memory_kib: 64,
        passes: 1,
        ..PasswordCost::default()
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with(AuthPolicy {
            password_cost: cheap(),
            ..AuthPolicy::default()
        })
        .await
    }

    pub(crate) async fn with(policy: AuthPolicy) -> Self {
        let harness = Harness::new();
        let store = harness.store("auth", all_collections()).await;
        let built = auth::build(AuthNeeds {
            store: store.clone(),
            sources: harness.sources.clone(),
            issuer: harness.issuer.clone(),
            revocations: harness.verifier.revocations().clone(),
            policy,
        })
        .unwrap();
        let server = harness.serve(vec![built.mount.clone()]);
        Self {
            sources: harness.sources.clone(),
            store,
            users: built.users,
            revocations: built.revocations,
            accounts: built.accounts,
            audit_log: built.audit_log,
            audit_projection: built.audit_projection,
            mount: built.mount,
            harness,
            server,
        }
    }

    /// Every file of the store, as bytes, after everything was written out.
    pub(crate) async fn into_raw_store(self) -> Vec<u8> {
        self.server.stop().await;
        self.store.close().await;
        read_all(self.harness.directory())
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.harness.clock.advance(TimeDelta::seconds(seconds));
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.server.request(method, path, None)
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        self.server.send(request).await
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Reply {
        self.server.get(path, token).await
    }

    pub(crate) async fn delete(&self, token: &str, path: &str) -> Reply {
        self.server.delete(path, token).await
    }

    /// Posts without a token.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn put(&self, token: &str, path: &str, body: &Value) -> Reply {
        self.server.put(path, token, body).await
    }

    pub(crate) async fn register(&self, email: &str, role: &str) -> Reply {
        let body = json!({"email": email, "password": PASSWORD, "name": "Rajesh Kumar", "role": role});
        self.post("/api/auth/register", &body).await
    }

    /// Logs in and answers the grant.
    pub(crate) async fn log_in(&self, email: &str) -> Value {
        let body = json!({"email": email, "password": PASSWORD});
        let reply = self.post("/api/auth/login", &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.body
    }

    /// Registers an advisor and logs in.
    pub(crate) async fn advisor(&self, email: &str) -> Value {
        assert_eq!(self.register(email, "advisor").await.status, 201);
        self.log_in(email).await
    }

    /// Makes a user in any role and logs in.
    pub(crate) async fn user_in(&self, role: Role, email: &str) -> Value {
        self.make(role, email).await;
        self.log_in(email).await
    }

    pub(crate) async fn make(&self, role: Role, email: &str) -> UserSummary {
        let user = new_user(role, email);
        self.accounts.create(&self.system(), user).await.unwrap()
    }

    pub(crate) async fn refresh(&self, token: &Value) -> Reply {
        self.post("/api/auth/refresh", &json!({"refresh_token": token}))
            .await
    }

    /// Where clients on contracts begin.
    pub(crate) fn seam(&self) -> rpc::Seam {
        self.harness.seam()
    }

    pub(crate) fn event_metrics(&self) -> EventMetrics {
        self.harness.registry.with(EventMetrics::register)
    }

    /// A call by a group that acts for itself.
    pub(crate) fn system(&self) -> CallContext {
        self.harness.system("tests")
    }

    pub(crate) async fn events(&self) -> Vec<EventEnvelope> {
        self.store.feed(0, 200).await.unwrap()
    }

    /// The types of the events since `seq`; audit records by their action.
    pub(crate) async fn acts_since(&self, seq: u64) -> Vec<String> {
        let feed = self.store.feed(seq, 200).await.unwrap();
        feed.iter()
            .map(|event| match event.data["action"].as_str() {
                Some(action) => action.to_owned(),
                None => event.event_type.clone(),
            })
            .collect()
    }
}

/// What the group stores, and what its consumers and jobs do.
fn all_collections() -> Vec<&'static Collection> {
    let mut collections = auth::collections();
    collections.extend(events::collections());
    collections
}

pub(crate) fn new_user(role: Role, email: &str) -> NewUser {
    NewUser {
        email: Email::parse(email).unwrap(),
        password: auth::NewPassword::parse(PASSWORD).unwrap(),
        name: auth::PersonName::parse("Priya Sharma").unwrap(),
        role,
    }
}

fn read_all(directory: &std::path::Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        bytes.extend(match path.is_dir() {
            true => read_all(&path),
            false => std::fs::read(path).unwrap(),
        });
    }
    bytes
}

/// The code of an error.
pub(crate) fn code(reply: &Reply) -> &str {
    reply.body["error"].as_str().unwrap_or_default()
}

/// A part of an answer as text.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Reads base64url without padding.
pub(crate) fn base64url(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}
