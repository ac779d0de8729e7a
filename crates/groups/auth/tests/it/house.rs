//! The group behind the real shell, over a real store, with a clock that stands still.

use auth::{AuthNeeds, AuthPolicy, NewUser, PasswordCost};
use auth_contract::{Revocations, UserSummary, Users};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use events::{
    EventMetrics, PersonalDataClient, Projection, StorePersonalData,
    jobs::{self, JobId, JobState, Jobs},
};
use kernel::{CallContext, Email, EventEnvelope, Role, Scope, Sources, TenantId};
use reqwest::{Method, RequestBuilder};
use runtime::mail::Mailer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use store::{Collection, Document, Query, Scoping, Store};
use testkit::{Harness, MailServer, Reply, TestServer};

pub(crate) const PASSWORD: &str = "correct horse";

/// A session, whatever is in it.
#[derive(Clone, Serialize, Deserialize)]
struct AnySession {}

impl Document for AnySession {
    fn collection() -> &'static Collection {
        static SESSIONS: LazyLock<Collection> = LazyLock::new(|| Collection::new("sessions", Scoping::Owner));
        &SESSIONS
    }
}

/// The running group, and what a test holds of it.
pub(crate) struct House {
    pub(crate) sources: Sources,
    pub(crate) store: Store,
    pub(crate) users: Arc<dyn Users>,
    pub(crate) revocations: Arc<dyn Revocations>,
    pub(crate) accounts: auth::Accounts,
    pub(crate) setup: auth::Setup,
    pub(crate) audit_log: auth::AuditLog,
    pub(crate) audit_projection: Arc<dyn Projection>,
    pub(crate) mount: web::Mount,
    pub(crate) mail: MailServer,
    pub(crate) jobs: Jobs,
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

    /// Behind a proxy that says where requests come from.
    pub(crate) async fn behind_proxy() -> Self {
        let mut harness = Harness::new();
        harness.settings.http.trusted_proxies = vec!["127.0.0.0/8".to_owned()];
        let policy = AuthPolicy {
            password_cost: cheap(),
            ..AuthPolicy::default()
        };
        Self::on(harness, policy).await
    }

    /// With a mail server of its own.
    pub(crate) async fn mailing_to(mail: MailServer) -> Self {
        let policy = AuthPolicy {
            password_cost: cheap(),
            ..AuthPolicy::default()
        };
        Self::built(Harness::new(), policy, mail).await
    }

    pub(crate) async fn with(policy: AuthPolicy) -> Self {
        Self::on(Harness::new(), policy).await
    }

    /// The same data under another policy.
    pub(crate) async fn rebuilt(self, policy: AuthPolicy) -> Self {
        self.server.stop().await;
        Self::on(self.harness, policy).await
    }

    async fn on(harness: Harness, policy: AuthPolicy) -> Self {
        Self::built(harness, policy, MailServer::start().await).await
    }

    async fn built(harness: Harness, policy: AuthPolicy, mail: MailServer) -> Self {
        let store = harness.store("auth", all_collections()).await;
        let mailer = Mailer::new(&mail.settings(), harness.directory(), harness.sources.clone()).unwrap();
        let personal = PersonalDataClient::unbound(&harness.seam(), "auth");
        personal.bind_local(Arc::new(StorePersonalData::new(store.clone())));
        let built = auth::build(AuthNeeds {
            store: store.clone(),
            sources: harness.sources.clone(),
            issuer: harness.issuer.clone(),
            token_keys: harness.token_keys.clone(),
            revocations: harness.verifier.revocations().clone(),
            mailer,
            personal: vec![personal],
            policy,
        })
        .unwrap();
        let metrics = harness.registry.with(EventMetrics::register);
        let jobs = Jobs::new(store.clone(), harness.tasks.clone(), metrics);
        jobs.run(built.jobs);
        let server = harness.serve(vec![built.mount.clone()]);
        Self {
            sources: harness.sources.clone(),
            store,
            users: built.users,
            revocations: built.revocations,
            accounts: built.accounts,
            setup: built.setup,
            audit_log: built.audit_log,
            audit_projection: built.audit_projection,
            mount: built.mount,
            mail,
            jobs,
            harness,
            server,
        }
    }

    /// Every file of the store, as bytes, after everything was written out.
    pub(crate) async fn into_raw_store(self) -> Vec<u8> {
        self.server.stop().await;
        self.harness.tasks.stop(std::time::Duration::from_secs(5)).await;
        self.store.close().await;
        testkit::files_below(self.harness.directory())
            .into_iter()
            .flat_map(|(_, bytes)| bytes)
            .collect()
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

    /// Posts with a token.
    pub(crate) async fn post_as(&self, token: &str, path: &str, body: &Value) -> Reply {
        self.server.post(path, token, body).await
    }

    /// A log-in with any password, whatever comes of it.
    pub(crate) async fn try_log_in(&self, email: &str, password: &str) -> Reply {
        self.post("/api/auth/login", &json!({"email": email, "password": password}))
            .await
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

    /// Makes a user of another firm.
    pub(crate) async fn make_in(&self, tenant: TenantId, role: Role, email: &str) -> UserSummary {
        let cx = CallContext::system("tests", tenant, self.sources.ids());
        let user = new_user(role, email);
        self.accounts.create(&cx, user).await.unwrap()
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

    /// Waits until every job that was asked for has ended.
    pub(crate) async fn settle_jobs(&self) {
        let firm = Scope::Tenant {
            tenant: TenantId::DEFAULT,
        };
        testkit::eventually("the jobs end", || async {
            for event in self.events().await {
                let Some(id) = event.subject.strip_prefix("job/") else {
                    continue;
                };
                let id = JobId(id.parse().unwrap());
                let job = jobs::status(&self.store, &firm, id).await.unwrap();
                if job.is_some_and(|job| matches!(job.state, JobState::Queued | JobState::Running)) {
                    return None;
                }
            }
            Some(())
        })
        .await;
    }

    /// Lets a second pass again and again until there is a mail to this address.
    pub(crate) async fn let_time_pass_until_mail_to(&self, address: &str) {
        testkit::eventually("a mail comes after a while", || {
            self.advance(1);
            let mails = self.mail.mails();
            let come = mails.iter().any(|mail| mail.to == [address]).then_some(());
            async move {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                come
            }
        })
        .await;
    }

    /// How many sessions are stored.
    pub(crate) async fn count_sessions(&self) -> usize {
        let page = self.store.find_everywhere::<AnySession>(Query::all()).await;
        page.unwrap().items.len()
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
